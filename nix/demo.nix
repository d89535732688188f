# The demo of a host of one's own: the test `demo` outside of the Nix sandbox, where it can be watched.
{ writeShellApplication, test }:

writeShellApplication {
  name = "cc-ci-demo";
  text = ''
    state=$(mktemp --directory)
    trap 'rm -rf "$state"' EXIT
    ${test.driver}/bin/nixos-test-driver -o "$state" "$@"
  '';
}

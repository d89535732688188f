# Two hosts whose domains are locked by one etcd. It defends that a domain has one owner over both, that
# who waits on one host gets it from the other, and that neither a host that dies nor one that is cut off
# keeps it: the one for the time of a lease, the other having ended its run before.
{ module }:
let
  host =
    { ... }:
    {
      imports = [ (import ./common.nix { inherit module; }) ];
      services.cc-ci.lock = {
        engine = "etcd";
        etcd = {
          endpoints = [ "http://etcd:2379" ];
          ttl = "20s";
          margin = "8s";
        };
      };
    };
in
{
  name = "cc-ci-many-hosts";
  nodes = {
    alpha = host;
    beta = host;
    etcd =
      { ... }:
      {
        services.etcd = {
          enable = true;
          listenClientUrls = [ "http://0.0.0.0:2379" ];
          advertiseClientUrls = [ "http://etcd:2379" ];
        };
        networking.firewall.allowedTCPPorts = [ 2379 ];
      };
  };
  testScript = builtins.readFile ./many-hosts.py;
}

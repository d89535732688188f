{
  description = "CI runs that deploy real applications on a shared host and never leak one";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      forEachSystem =
        make:
        lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (
          system: make (nixpkgs.legacyPackages.${system}.extend self.overlays.default)
        );
    in
    {
      overlays.default = final: _: {
        cc-ci = final.callPackage ./nix/package.nix { };
      };

      packages = forEachSystem (pkgs: {
        inherit (pkgs) cc-ci;
        default = pkgs.cc-ci;
      });

      # The package comes from this flake, so a host needs no overlay.
      nixosModules = {
        cc-ci =
          { pkgs, ... }:
          {
            imports = [ ./nix/module.nix ];
            services.cc-ci.package = lib.mkDefault self.packages.${pkgs.stdenv.hostPlatform.system}.cc-ci;
          };
        drone-runner-exec = ./nix/drone-runner.nix;
        default.imports = [
          self.nixosModules.cc-ci
          self.nixosModules.drone-runner-exec
        ];
      };

      checks = forEachSystem (
        pkgs:
        import ./nix/checks.nix {
          inherit pkgs;
          module = self.nixosModules.default;
        }
      );

      apps = forEachSystem (pkgs: {
        default = {
          type = "app";
          program = lib.getExe pkgs.cc-ci;
          meta.description = "The command cc-ci";
        };
        demo = {
          type = "app";
          program = lib.getExe (
            pkgs.callPackage ./nix/demo.nix {
              test = self.checks.${pkgs.stdenv.hostPlatform.system}.vm-demo;
            }
          );
          meta.description = "The main job, in a virtual machine with a Swarm of its own";
        };
      });

      devShells = forEachSystem (pkgs: {
        default = pkgs.callPackage ./nix/dev-shell.nix { };
      });

      formatter = forEachSystem (pkgs: pkgs.nixfmt-tree);
    };
}

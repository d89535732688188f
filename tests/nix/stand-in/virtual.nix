# The options that only a virtual machine of a test has.
{ lib, ... }:
{
  options.virtualisation = {
    memorySize = lib.mkOption { type = lib.types.ints.positive; default = 1024; };
    diskSize = lib.mkOption { type = lib.types.ints.positive; default = 1024; };
  };
}

# A host on which an app is a directory: two commands list and remove it. It takes no image, and
# what cc-ci does for it is the same.
{ module }:
{
  imports = [ module ];

  services.cc-ci = {
    enable = true;
    settings = {
      platform = "command";
      base_domain = "ci.example.net";
      list_command = "ls /srv/apps";
      teardown_command = "rm -rf /srv/apps/$CCCI_DOMAIN";
      teardown_budget = "30s";
      stop_grace = "1s";
    };
  };

  # Not in /run: a crash must leave it.
  systemd.tmpfiles.settings."20-apps"."/srv/apps".d.mode = "1777";
}

// bare_unit NAME: the least that a transient unit takes. Asks systemd over the bus to execute
// `true` as the unit NAME, and ends when the unit is over: systemd then closes its copy of a socket
// of ours.

#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

void must(int result, const char* what) {
    if (result < 0) {
        std::fprintf(stderr, "bare_unit: %s: %s\n", what, std::strerror(-result));
        std::exit(1);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: bare_unit NAME\n", stderr);
        return 2;
    }
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        std::perror("bare_unit: socketpair");
        return 1;
    }
    sd_bus* bus = nullptr;
    must(sd_bus_open_system(&bus), "open the bus");
    sd_bus_message* call = nullptr;
    must(sd_bus_message_new_method_call(bus, &call, "org.freedesktop.systemd1",
                                        "/org/freedesktop/systemd1",
                                        "org.freedesktop.systemd1.Manager", "StartTransientUnit"),
         "make the call");
    must(sd_bus_message_append(call, "ss", argv[1], "fail"), "append the name");
    must(sd_bus_message_append(call, "a(sv)", 4, "Type", "s", "exec", "CollectMode", "s",
                               "inactive-or-failed", "StandardOutputFileDescriptor", "h", ends[1],
                               "ExecStart", "a(sasb)", 1, "/bin/true", 1, "/bin/true", 0),
         "append the properties");
    must(sd_bus_message_append(call, "a(sa(sv))", 0), "append no further units");
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message* reply = nullptr;
    must(sd_bus_call(bus, call, 0, &error, &reply), "start the unit");
    sd_bus_message_unref(call);
    sd_bus_message_unref(reply);
    ::close(ends[1]);
    char byte = 0;
    must(static_cast<int>(::read(ends[0], &byte, 1)), "wait for the end");
    sd_bus_flush_close_unref(bus);
}

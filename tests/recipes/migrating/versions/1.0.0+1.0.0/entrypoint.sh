#!/bin/sh
# The first version keeps one note to a line.
touch /data/notes
exec httpd -f -p 80 -h /srv

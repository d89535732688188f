#!/bin/sh
[ "$REQUEST_METHOD" != POST ] || { head -c "$CONTENT_LENGTH"; echo; } >>/data/notes
printf 'Status: 200 OK\r\nContent-Type: text/plain\r\n\r\nnotes, version 1\n'
cat /data/notes

#!/bin/sh
# The database: a file of entries, for whoever knows the password.
if [ "$QUERY_STRING" != "$(cat /run/secrets/db_password)" ]; then
  printf 'Status: 403 Forbidden\r\n\r\n'
  exit
fi
if [ "$REQUEST_METHOD" = POST ]; then
  { head -c "$CONTENT_LENGTH"; echo; } >>/data/entries
fi
printf 'Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n'
cat /data/entries 2>/dev/null

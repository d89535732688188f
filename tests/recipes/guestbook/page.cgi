#!/bin/sh
# The front page: shows the entries, and adds one that is posted.
store="http://$DB_HOST:8080/cgi-bin/store.cgi?$(cat /run/secrets/db_password)"

ask_store() {
  if [ "$REQUEST_METHOD" = POST ]; then
    wget -q -O - --post-data "$(head -c "$CONTENT_LENGTH")" "$store"
  else
    wget -q -O - "$store"
  fi
}

if entries=$(ask_store); then
  status='200 OK'
else
  status='502 Bad Gateway'
fi
printf 'Status: %s\r\nContent-Type: text/plain\r\n\r\n%s\n%s\n' "$status" "$GREETING" "$entries"

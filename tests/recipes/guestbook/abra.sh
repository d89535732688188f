#!/bin/bash
export PAGE_VERSION=v1
export STORE_VERSION=v1

sign() {
  wget -q -O - --post-data "$1" http://localhost/
}

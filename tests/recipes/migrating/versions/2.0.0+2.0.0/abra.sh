#!/bin/bash
export ENTRYPOINT_VERSION=v2
export PAGE_VERSION=v2

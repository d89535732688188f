#!/bin/bash
export ENTRYPOINT_VERSION=v1
export PAGE_VERSION=v1

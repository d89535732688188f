#!/bin/sh
printf 'Status: 500 Internal Server Error\r\n\r\n'

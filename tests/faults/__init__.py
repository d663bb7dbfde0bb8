"""What happens when something breaks, measured: servers killed, networks cut, disks full. Slow; `make test-faults`."""

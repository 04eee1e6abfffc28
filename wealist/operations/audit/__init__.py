"""An audit that others wrote, held against what this project knows: `make audit`."""

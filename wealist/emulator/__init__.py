"""An AWS account on this machine: moto, corrected where it answers differently from AWS."""

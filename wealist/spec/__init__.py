"""Settings of the environments and of the account: typed, frozen and checked. Does not import cdktf."""

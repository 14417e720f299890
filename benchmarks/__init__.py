"""What a signed request costs, beside the limit and beside the other ways to send one."""

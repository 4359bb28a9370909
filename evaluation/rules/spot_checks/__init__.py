"""抽查: the draw, the seed, the teams, the items judged on site. Pure: the same printed record gives the same result."""

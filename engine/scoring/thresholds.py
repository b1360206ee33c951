"""Every number the alerting rules turn on, in one place.

Money is USD per hour at list price; z-scores and novelty have no unit. docs/decisions/ says why each is what it is.
"""

WARNING_FLOOR = 5.0
CRITICAL_FLOOR = 25.0

YOUNG_DAYS = 14
YOUNG_EVENTS = 20
SAFETY_NET_YOUNG = 5.0
SAFETY_NET_MATURE = 25.0
SAFETY_NET_SEEN = 3

POINT_THRESHOLD = 5.0
Z_CLIP = 8.0
NOVELTY_CLIP = 5.0
NOVELTY_WEIGHTS = {"type": 0.35, "actor": 0.35, "region": 0.35, "pair": 0.25}

PRIOR_STRENGTH = 4.0
PRIOR_DEVIATION = 0.5

GROUP_MINUTES = 60

EXPECTATION_HEADROOM = 1.5
PROMOTION_FALSE_POSITIVE_RATE = 0.10
PROMOTION_VERDICTS = 5

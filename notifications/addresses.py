"""Where each thing is done: the addresses of our pages."""

ONBOARDING_PATH = "/payout/onboarding"
BACK_PATH = "/payout/onboarding/back"
RETURN_PATH = "/payout"

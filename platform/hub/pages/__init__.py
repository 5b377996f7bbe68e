"""Pages of the site itself: home, sign-in, account, errors."""

import sys

from allmenning.web.i18n.catalogues import main

sys.exit(main(sys.argv[1:]))

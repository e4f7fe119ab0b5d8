"""The tables that this room has in the state database; whoever opens it (`cli`) makes them."""

import sqlalchemy as sa

metadata = sa.MetaData()

"""The people of the compound 东湖苑, who appear in most stories about issues."""

from microgov.stories.story import Neighbour

NEIGHBOURS = (
    Neighbour("branch", "branch", "office", "党支部老周", "Zhou of the party branch"),
    Neighbour("social", "social_worker", "office", "社工小林", "Lin, the social worker"),
    Neighbour("wang", "resident", "h1", "王阿姨", "Auntie Wang"),
    Neighbour("li", "resident", "h2", "李师傅", "Master Li"),
    Neighbour("zhang", "resident", "h3", "张女士", "Ms Zhang", "en"),
    Neighbour("zhao", "resident", "h4", "赵先生", "Mr Zhao"),
    Neighbour("liu", "resident", "h5", "刘奶奶", "Grandma Liu"),
    Neighbour("chen", "stairwell_captain", "h6", "楼道长陈姐", "Chen, the stairwell captain"),
)

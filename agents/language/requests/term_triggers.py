"""The words that show a request about advertisers and benchmarks. `triggers` says how to read them."""

TRIGGERS: dict[str, str] = {
    "set_benchmark": r"""
        {change}{the}( own)? ?{channel}('s)? (\w+ )?{figure}
        {change}{the}( own)? {figure} (of|for|on|in) {the}? ?{channel}
        ^((our|the|my) )?{channel}('s)? {figure}( in [\w .]{{1,30}}?)? (is|should be|becomes|=)
        """,
    "remove_benchmark": r"""
        ^(remove|delete|drop|forget|reset|clear){the}( own)? ?{channel}('s)? (\w+ )?{figure}
        ^(remove|delete|drop|forget|reset|clear){the}( own)? {figure} (of|for|on) {channel}
        """,
    "list_benchmarks": r"""
        {show}{the}{some} benchmarks?
        (which|what)( \w+){{0,3}}? benchmarks?
        {show}{the} ?{channel}('s)? {figure}
        {show}{the} {figure} (of|for|on) {channel}
        ^^((our|my|the|own) )*benchmarks
        """,
    "create_advertiser": r"""
        {create}{a}{some} {advertiser}(?!'s)(?! campaigns?)
        ^(an? )?new {advertiser}(?! campaigns?)
        """,
    "update_advertiser": r"""
        ^{phrase} pays?( now)? {percent}
        ^{phrase} pays? (an? |no )([\w-]+ ){{0,3}}?(fees?|commission)
        ^(charge|bill) {phrase} {percent}
        {change} {phrase}('s)? (agency )?(fees?|commission|discount|naming( pattern)?)
        {change}{the} (agency )?(fees?|commission|discount|naming( pattern)?)( (of|for)){the} {phrase} (to|as|at)
        ^(update|change|edit|rename){the} {advertiser}
        """,
    "list_advertisers": r"""
        {show}{the}{some} {advertiser}s
        (which|what|how many) (\w+ ){{0,2}}?{advertiser}s
        ^^((our|my|the|all) )*{advertiser}s
        """,
    "show_advertiser": r"""
        {show}{the} {advertiser}(?!s)
        {show}{the} (terms|fees)( (of|for))
        (which|what) (terms|fees) (does|do|has|did)
        """,
}

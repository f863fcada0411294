"""The words that show a request about versions of a plan, copies and scenarios; see `triggers`."""

TRIGGERS: dict[str, str] = {
    "changes_since_approval": r"""
        what('s| is| has| have)? (you |we |been )?(changed?|different|new) since{the}( last)? (approv(al|ed)|sign-?off)
        what('s| is| has| have)? (you |we |been )?changed? since (it|the plan|we|they)( (was|were|got|been))? approved
        (changes|diff(erences?)?) since{the}( last)?{the} approv(al|ed)
        (compare|diff)( (it|the plan|this))? (with|to|against){the} approved
        """,
    "undo_plan": r"""
        ^undo(?!{the}{some} (launch|archive|archiving|invitation|pause|approval|delegation|campaign))
        ^(revert|roll ?back|go back|switch back|return|reset)( (it|this|the plan))?( back)?( to)?{the} ?{version}
        ^(revert|roll ?back)( (it|this|that|the plan|{the} (last |latest )?(change|revision)))?(?= ?([.,;!]|\Z))
        ^(bring|take|get) back{the} ?{version}
        ^restore{the} ?{version}
        ^^redo( (it|this|that|the last change))?
        """,
    "resync_plan": r"""
        ^(re-?)?(scale|size) (it|this|that|the plan|everything|all( the)? lines|the lines)
        ^^(re-?)?scale
        ^(keep|leave) (it|this|the plan|everything|the lines)( unchanged| the same)?(?= ?([.,;!]|\Z))
        ^(keep|leave) (it|this|the plan|everything|the lines) (as|like) (it|they|that|this)
        ^^(re-?)?optimi[sz]e (it|this|the plan) again
        ^(bring|get|put) (it|the plan|this)( back)? (in|into) (sync|step)
        ^re-?sync
        """,
    "copy_campaign": r"""
        ^(copy|duplicate|clone|repeat){the}{some} campaign(?!('s)? plan)
        ^(copy|duplicate|clone|repeat) {quoted}
        {create}{a} (copy|duplicate|clone) of(?!{the}{some} plan)
        ^(copy|duplicate|clone|repeat) ({phrase} )?(to|for|in|into|from|on) ?(the )?{period}
        """,
    "copy_plan": r"""
        ^(copy|duplicate|clone|reuse|re-use|apply){the}{some} plan( (of|from) {phrase})? (to|into|onto|for|in)
        """,
    "save_scenario": r"""
        ^(save|keep|store)( (this|that|it|the plan|the what[ -]?if))?( (version|plan|one))? as{the} ?(new )?scenario
        ^(save|keep|store) (this|that|it|the plan) as (?!(it|they|that|this|is|a|an|the|{file})(?!\w)){something}
        ^(save|create|make|add|try|build){a} ?(new )?scenario
        ^(new )?scenario ({quoted}|[\w-]+) ?[:,]? (with|at|on|for) ?[{amount}{percent}]
        """,
    "list_scenarios": r"""
        {show}{the}{some} scenarios
        (which|what) scenarios
        ^^(the |my |our |all )*scenarios
        """,
    "compare_scenarios": r"""
        compar(e|ing){the}{some} scenarios?
        compare ({proper}|(?-i:[A-Z])) ?(,|and|with|to|vs|versus|against|&) ?({proper}|(?-i:[A-Z]))(?!\w)
        ^(show|put){the} scenarios side by side
        scenarios side by side
        """,
    "promote_scenario": r"""
        ^promote{the} scenario
        ^promote ({quoted}|(?-i:[A-Z]))
        ^(use|adopt|take|choose|pick|apply|go (with|for)|switch to){the} scenario
        ^make{the} scenario ({quoted}|[\w-]+) (the |our )?(new )?(plan|current|live|version)
        ^make ({quoted}|(?-i:[A-Z])[\w-]*) (the |our )(new )?(plan|current)
        """,
    "delete_scenario": r"""
        ^(delete|remove|drop|discard|forget|throw away|get rid of){the}{some} scenario
        """,
    "sweep_budgets": r"""
        ^(compare|try|test|sweep|run)( (several|different|some|all|the))* budgets?( (from|between|of))? ?[{amount}]
        ^(a |run a )?(budget )?sweep
        """,
    "plan_year": r"""
        ^(plan|optimi[sz]e)( (it|this|the campaign|the plan))?( over)? (the|a|our|my) (whole |full |entire )?year
        ^(plan|optimi[sz]e)( (it|this|everything|the campaign|the plan))? (by|per|for each) (month|week)s?
        ^(plan|optimi[sz]e)( (it|this|everything|the campaign|the plan))? (month by month|week by week)
        """,
}

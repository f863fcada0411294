"""The words that show a request about people, rights, approvals and the audit. `triggers` says how to read them."""

TRIGGERS: dict[str, str] = {
    "show_changes": r"""
        ({show} )?what('s| all| has| have| was| been)* (changed|happened|done)(?! in{the} ?{version}){anything} ?{past}
        ({show} )?what (did|has|have) ({person}|i|we) (been )?(chang(e|ed|ing)|do|done|doing|edit(ed)?|touch(ed)?)
        ({show} )?(what(?! assumptions)|all|everything)( that)? ({person}|i|we) (has |have )?{altered}
        ({show} )?who (has |have )?({changed}|approved|denied|rejected|decided|submitted)
        ({show} )?(which|what)( \w+){{0,3}}? (was|were|got|been|is|are) (refused|forbidden|blocked|not allowed)
        {show}{the}{some} (refusals|denials|(refused|forbidden|blocked|denied) (attempts?|requests?|actions?|things))
        {show}{the}{some} changes? (made )?(by|{past})
        {show} {person}'s( \w+)? (changes|actions)
        {show}{the}(?! {chat}){some} (audit( (log|trail|records?))?|history)
        ^(changes|what happened) (made )?(by {person}|{past})
        ^^(the )?audit( (log|trail))?
        """,
    "revoke_invitation": r"""
        ^(revoke|cancel|withdraw|take back|rescind|delete|remove){the}{some} invit(e|ation)s?
        ^un-?invite
        """,
    "invite_member": r"""
        ^invite
        invite {address}
        ^send{the}{some} invit(e|ation)s?
        ^(add|register|onboard|let in|bring in){the}{some} ?{address}
        ^(give|grant) {address}( \w+){{0,3}}? access(?! (to|in|on|for){the}{some} campaign)
        ^(add|onboard) {person} (to|as){the} {people}
        """,
    "list_invitations": r"""
        {show}{the}{some} invit(e|ation)s?
        (which|what|any|how many)( \w+){{0,3}}? invit(e|ation)s?
        who('s| is| was| were| has been| have we| did we)? (been )?invited?
        ^^((the|our|my|open|pending) )*invit(e|ation)s?
        """,
    "withdraw_request": r"""
        ^(withdraw|take back|retract|cancel|recall)( my| our| the| that| this)+( \w+){{0,3}}? (request|approval)
        ^(withdraw|take back|retract) (it|this|that|request)
        ^(withdraw|retract) (my|our|the) (launch|resume)
        """,
    "withdraw_campaign_role": r"""
        ^(remove|take|pull|kick) {person} (from|off|out of){the}{some} campaign
        ^{person} {may} ?(no longer|not|n't)( any ?more)? {work}
        ^{take_back} {person}('s)?( \w+){{0,2}}? {rights} {in_one}
        ^{take_back} (the )?(\w+ ){{0,2}}?{rights} (of|for|from) {person} {in_one}
        """,
    "withdraw_delegation": r"""
        ^{take_back} {person}('s)?( \w+){{0,2}}? {limit}
        ^{take_back} (the )?(\w+ ){{0,2}}?{limit} (of|for|from) {person}
        ^{person} {may} ?(no longer|not|n't)( any ?more)? {decide}
        """,
    "set_delegation": r"""
        ^(let|allow) {person} (to )?(only |just )?{decide}
        ^{person} (may|can|is allowed to) (now |only |just )*(approve|sign off|decide|spend|commit|act|propose)
        ^{person} (may|can|is allowed to) (now )?launch( campaigns?)? (up to|without|anything|everything|alone)
        ^{person} (may|can|must|should|has to) (now |only |just )*(propose|ask (first|for everything))
        ^{change} {person}('s)?( [\w-]+){{0,2}}? {limit}
        ^(give|grant) {person}( an?| the)?( [\w-]+){{0,2}}? {limit}
        ^(limit|cap) {person} (to|at) {amount}
        ^make {person} an? approver?
        ^(set|change|raise|lower) (the )?(\w+ ){{0,2}}?(limit|cap|delegation) (of|for) {person}
        ^{person}'s( \w+){{0,2}}? (limit|cap|delegation) (is|should be|becomes)
        """,
    "submit_plan": r"""
        ^submit{the}{some} plan
        ^submit (it|this|that|for approval)
        ^(get|have){the}{some} plan approved
        ^(send|hand in|put|pass){the}{some} (plan|it)( in)? for approval
        ^(request|ask for|seek|get) approval (of|for){the}{some} plan
        """,
    "list_delegations": r"""
        {show}{the}{some} (delegations?|spending limits|approval limits)
        (which|what)( \w+){{0,3}}? (delegations|spending limits|approval limits)
        who {may} (spend|launch|act|commit)
        """,
    "who_can_approve": r"""
        who {may} (approve|sign off|decide)
        who (approves|decides|signs off)
        (can|may) {person} (approve|sign off|decide)
        is {person} (allowed|able) to (approve|sign off|decide)
        who('s| is| are){the}{some} approvers?
        {show}{the}{some} approvers
        who (do|should|must) (i|we) ask
        """,
    "list_approvals": r"""
        what('s| is| are)?( still| currently| all)* (waiting|pending)
        (is |are )?(there )?any(thing|one)?( \w+){{0,2}}? (waiting|pending|to (approve|decide))
        what (do|should|must|can) i (have to |need to )?(approve|decide)
        {show}{the}{some} (approvals?|requests?)
        {show} (everything |all )?((that|what)('s| is| are)? )?(waiting|pending)
        (which|what|any|how many) (\w+ ){{0,3}}?(approvals?|requests?)
        ^(is|was|has|have){the}{some} (approved|denied|decided)(?! (campaign|plan))
        (any|is there a|what('s| is| was) the) (verdict|decision)
        ^^((my|our|the|open|pending|all) )*(approvals|requests)
        """,
    "set_conditions": r"""
        ^approve[^,;.!?\n]{{0,80}}? ?(only if|if|provided|as long as|(up)?on( the)? condition|under the condition)
        ^(set|make|put|add|attach){the}{some} conditions?
        """,
    "approve_request": r"""
        ^approve(?!rs?|d)
        ^(sign off|green-?light)
        ^accept (it|this|that|{the}{some} request)
        ^give{the}{some} (go-?ahead|green light|approval)
        """,
    "deny_request": r"""
        ^(deny|reject|decline|turn down|veto|refuse)
        ^say no to
        """,
    "grant_campaign_role": r"""
        ^(let|allow|have) {person} (to )?{work}
        ^(make|give|assign|grant|set) {person} (to |as )?(an? |the )?{role}( {rights})? {in_one}
        ^(give|grant) {person}( \w+){{0,2}}? (access|role|rights) (of|on|in|for|to|over){the}{some} campaign
        ^add {person} (to|as){the}{some} campaign
        ^{person} {may} (now )?{work}{the}{some} campaign
        ^(?=(?-i:[A-Z])){person} (may|can|should) (now )?{work} (?!{channel}|(an?|this|that|for|with|on)\b)\S+
        """,
    "list_grants": r"""
        {show}{the}{some} (grants|campaign roles)
        (which|what) (campaign roles|grants)
        who (can|may) (plan|edit|manage|work on|see|view)
        who (has|have) (a|any|which|what)? ?(role|roles|access|rights) (in|on|to|for){the}{some} campaign
        """,
    "change_member_role": r"""
        ^(promote|demote) {person}
        ^(make|set|turn) {person} (back )?(to |into |as )?(an? |the )?{role}
        ^{change}( the)? role (of|for) {person}
        ^{change} {person}('s)? role
        ^(give|assign) {person} (an? |the )?{role} (role|rights|access)
        ^{person} (should|must|shall|is to) (now )?(be|become) (an? |the )?{role}
        """,
    "remove_member": r"""
        ^(remove|kick|delete|take|throw|off-?board)( out)? {person} (from|off|out of|out){the}{some} ?{people}
        ^(remove|delete|kick( out)?|deactivate|off-?board)( the)? (member|user|colleague|account of) {person}
        ^(remove|delete|kick( out)?|off-?board|deactivate) {address}
        """,
}

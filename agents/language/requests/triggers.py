"""The words that show a request, tool by tool, one trigger a line.

A trigger is a regular expression with three comforts: a blank is any white space, plain parentheses only group, and
the `{…}` are the word groups and slots of `words`. A trigger stands between word borders. With ^ it counts only where a
clause begins ("…, pause it"), with ^^ only as the whole message; the others count anywhere.
"""

from agents.language.requests import (
    access_triggers,
    import_triggers,
    question_triggers,
    term_triggers,
    version_triggers,
)

TRIGGERS: dict[str, str] = (
    access_triggers.TRIGGERS
    | term_triggers.TRIGGERS
    | version_triggers.TRIGGERS
    | question_triggers.TRIGGERS
    | import_triggers.TRIGGERS
    | {
        "constraint": r"""
        ^(keep|lock|hold|freeze|fix|leave|{untouched}){the} ?{channel}(?! ?(to|at|=) ?{amount})
        ^(with )?((at )?(least|most)|(a )?min(imum)?|(a )?max(imum)?)( (of|on|for|the))* ?[{amount}{percent}{channel}]
        ^(with )?((no|not) (more|less) than|up to|cap|limit)( (of|on|for|the))* ?[{amount}{percent}{channel}]
        ^(with )?(a )?min(imum)?[ -]buy
        ^(with )?(a |the |our )?(target|max(imum)?|average) ({cpa}|roas)
        ^(cap|limit|keep|hold|get|bring|target|aim for){the} (target )?({cpa}|roas)
        ^{stop} (where|when) the next
        ^(either )?(nothing|zero) or (at least )?{amount}
        ^{channel} (stays?|remains?|(should|must) stay|fixed|locked|unchanged)
        ^{channel} (with |has |needs |gets )?(at (least|most)|min(imum)?|max(imum)?) {amount}
        """,
        "what_if": r"""
        what if
        what (would|could|will|does|do|about|can) {another}?[{percent}{amount}]
        what (would|could|will|can) (we (get|do) (with|for|from)|happen (with|if)) {another}?[{percent}{amount}]
        what (would )?happens? (if|with)
        ^(suppose|imagine|assuming|simulate)
        ^if we (only )?(had|spent|got|have|cut|drop|used)
        ^with (a budget of )?{amount} ?,? (what|how)
        how would (it|that|the plan|results?) look (with|at|if)
        """,
        "run_planning_workflow": r"""
        {run}{the}{some} (workflow|job|pipeline|planning( process)?)
        ^plan (it|this) in the background
        ^^workflow
        """,
        "cancel_job": r"""
        {stop}{the}{some} (workflow|job|pipeline|planning( process)?|run)
        """,
        "job_status": r"""
        how('?s| is| are| far)( along)?( is)?{the}{some} (workflow|job|run|planning)
        (status|progress|state) of{the}{some} (workflow|job|run)
        (workflow|job)s? (status|progress)
        ^(is|are|has|did){the}{some} (workflow|job|it|run) (be |been )?(done|finish(ed)?|ready|completed?|running|over)
        {show}{the}{some} (job|workflow)
        ^(any )?(progress|news)
        ^what('s| is| happened| about)( (with|to))?{the} (job|workflow)
        """,
        "rename_session": r"""
        (rename|call|name|title){the} {chat}
        (set|change){the} ({chat}('s)? )?title
        """,
        "change_settings": r"""
        {change}{the}{some} (time\s?zone|locale|language|(default )?currency|(date|number) format)
        {change}{the}{some} (week( starts?)?|{fiscal} year)
        (the|our|my) (week|{fiscal} year) (should )?((start|begin)s? )?(on |in |with )?{period}
        ^((our|the|my) )?(time\s?zone|locale|(default )?currency) (to|is|should be)
        """,
        "create_campaign": r"""
        {create}( (me|us))?{a}{some} campaign(?! plan)
        {create} (an? )?(new|another) one
        {launch} (an?|another|one|new){some} campaign
        ^(an? )?new ([\w&'-]+ )?campaign
        ^campaign (for|called|named)
        ^(create|make|set up|add|new)( an?)?( new)? {quoted}(?! (plan|chat))
        """,
        "draft_plan": r"""
        {draft}( (me|us|up|together))?{a}{some} (plan|(media|channel) mix)
        ^draft
        ^plan (it|this|that|the campaign|{phrase}) ?(on|with|across|using|over) {channel}
        ^(a |new )?(media )?plan (on|with|across|using|for)
        {share_out} (it|everything)( {portions})? {among} {channel}
        {share_out} the (budget|money)( (of|for) {phrase})?( {portions})? {among} {channel}
        ^{portions} {among} {channel}
        ^^(a )?new (media )?plan
        """,
        "export_plan": r"""
        (export|download)(?! (the )?(audit|log|history|chat|conversation))
        ^(give|send|get|make|write|save|turn|put)( \w+){{0,5}}? ({file}|media\s?plan\s?schema)
        """,
        "show_chart": r"""
        {show}{the}{some} (charts?|graphs?|diagrams?|curves|flow\s?chart|reach (build|by week|over time))
        ^{show}{the} weekly (flow|view|flighting|spend|budgets?)
        ^(draw|plot|chart|graph|visuali[sz]e)
        ^(charts?|graphs?|plots?|diagrams?) (of|for|with|by)
        ^how does (the )?reach build
        ^^(the )?(response|saturation) curves?
        """,
        "compare_plans": r"""
        compar(e|ison|ing)
        (what('s| is| are)?{the} )?diff(erences?)?
        what('s| is| has| have)? (you |we |been )?(changed|different|new in)
        what (are|were) the changes
        {show}{the} changes
        """,
        "revise_plan": r"""
        ^(move|shift|transfer|reallocate|take) ({amount}|{percent}|some|money|budget|part|half)
        ^(replace|swap|exchange|substitute) (out )?{channel}
        ^(double|triple|halve){the}( (budget|spend) (for|on|of))? ?{channel}
        {adjust}{the}( (budget|spend|spending|money)( (for|on|of))?)?{the} ?{channel}
        ^(add|include|bring in){the}( new)? lines? (for|of|on) {channel}
        {adjust}{the} ?{another}?[{amount}{percent}] (more |less )?({between} (the )?)?{channel}
        ^(give|spend|less|no more|another|an extra|extra)( {sizing})* ?([{amount}{percent}]( {sizing})*)? ?{channel}
        ^[{amount}{percent}] (more |less |extra )?(on|to|for|into|off|from) {channel}
        ^more( (money|budget|spend))? (on|for|to|in) {channel}
        ^{channel} (to|at|up|down|=|to be|should (get|have|be)|must (get|have|be)|gets) ?(by )?[{amount}{percent}]
        (front|back)[\s-]?load(ed|ing)?
        ^{close}( (in|during|for|over))*{the} ?{period}
        ^{close} (the )?{channel}( (in|during|for|over|on))*{the} ?{period}
        ^(no (spend|spending|money|media|budget|ads?)|nothing|dark) (in|during|for|over|on){the} ?{period}
        ^(re-?open|un-?pause|resume|bring back)( ({channel}|in|on|for|during))*{the} ?{period}
        ^(put|pin|fix|spend|place|set) {amount}( (of|on|for) (the )?{channel})? (in|into|for|on|during){the} ?{period}
        ^puls(e|ed|ing)
        ^(use |with )?(weekly )?weights
        ^(run|air) (the )?{channel}( (only|just|in|from|during|between|until))* {period}
        ^{channel} ((should|only|just|runs?|in|from|during) )+{period}
        spread (it|them|the (spend|budget|money))? ?(out ?)?(even(ly)?|equally)
        ^(make|use) (it|the flighting)? ?(even|flat)
        ^(revise|rework|tweak|edit|modify){the}{some} plan
        ^change{the} (media )?plan
        """,
        "update_campaign": r"""
        {change}{the}{some} {field}(?! (by|per|overview) (month|channel|campaign|status))
        rename{the}{some}
        ^(extend|prolong|shorten|postpone|delay)
        {change}{the} ?{period}
        ^(start|end|begin|finish|launch) ((it|the campaign|on|in|at) )*{period}
        ^(the )?budget (is|should be|to|becomes|=)
        ^(the )?(objective|goal|kpi) (is|should be|to|becomes)
        ^(edit|update|change|modify){the}{some} campaign
        """,
        "optimize_plan": r"""
        (re-?)?optimi[sz](e|ing|ation)
        (best|optimal|better|ideal) (split|mix|allocation)
        ^(re-?allocate|re-?balance|improve){the}
        ^(maximi[sz]e|minimi[sz]e)
        """,
        "budget_overview": r"""
        {spend} ((is|split( up)?|breakdown|overview|broken down) )?(by|per|across|for each)( (the|all|our|my))* {group}
        budgets? overview
        overview of{the} (budgets?|spend(ing)?)
        where('s| is| does| do| did){the}{some} (money|budget) (going|go|spent)
        (monthly|channel|campaign) (budgets?|spend(ing)?|breakdown)
        how much {do} (we|i|my|our) ((currently|already|all) )?(spend(ing)?|spent|budgeted)(?! ?(on|for) {channel})
        how much {do} (we|i) ((currently|already|all) )?planned(?! ?(on|for) {channel})
        total (budgets?|spend(ing)?) (across|of all|over all)
        {show}{the} (budgets|total budgets?|(total )?spend(ing)?)
        """,
        "forecast": r"""
        (forecasts?|predict(ions?)?|projections?|projected)
        how (many|much) (more )?{metric}
        (expected|estimated|projected) (outcome|performance|{metric}|{cpa})
        (what|which) assumptions
        {show}{the}{some} assumptions
        what (will|would|can|could|should|do|does|might) {it} (deliver|achieve|bring|get|expect|yield|generate)
        """,
        "plan_summary": r"""
        sum+ar(y|ies|i[sz]e|i[sz]ing)
        ^sum ((it|this|that|the plan) )?up
        recap
        tl;?dr
        overview of{the}{some} plan
        plan overview
        ^(explain|describe){the}{some} plan
        ^brief me
        {show}{the} (key )?(figures|highlights|overview)
        """,
        "show_plan": r"""
        {show}{the}{some} plan(?! (summary|forecast|overview))
        {show}{the} ?{version}
        what('s| is| was) in{the} ?{version}
        ^(how|what) does{the}{some} plan {anything}look
        what('s| is){the}( (current|budget))* (split|mix|allocation)
        ^^(the )?(current |media )?plan( (of|for){the} {phrase})?
        ^^(the )?{version}
        """,
        "list_members": r"""
        who('s| is| are)?( (all|else))*( (is|on|in|part of))*{the}{some} {people}
        who (has|have) access
        {show}{the}{some} (team( members?)?|members?|users?|colleagues|teammates)
        """,
        "list_sessions": r"""
        {show}{the}{some} {chat}s
        ^(which|what) {chat}s
        ^^(my )?{chat}s
        """,
        "show_settings": r"""
        {show}{the}{some} settings
        (what|which)('s| is| are)?( (our|my|the))? (time\s?zone|locale|(default )?currency|{fiscal} year|week start)
        ^^(our |my )?settings
        """,
        "list_campaigns": r"""
        (is there|are there|do we have|have we got) (an?|any){some} campaigns?
        {show}{the}{some} campaigns
        (find|search|look)( (for|through|up))?{the}{some} campaigns?
        (which|what|how many|any) (\w+ ){{0,3}}?campaigns
        ^((all|my|our) )*((draft|planned|approved|live|running|active|paused|completed|cancell?ed|archived) )?campaigns
        ^(find|search) (for )?(everything|anything)
        """,
        "archive_campaign": r"""
        ^archive
        (?<!un-)archive (it|the|that|this)
        """,
        "restore_campaign": r"""
        ^(restore|un-?archive|bring back)
        """,
        "move_campaign": r"""
        ^(launch|pause|resume|un-?pause|suspend|halt|stop|reactivate|restart)(?! (the )?{channel})
        ^(complete|finish|close|wrap up)(?! (the )?{channel})
        ^(cancel|scrap|call off|abort|kill|abandon)(?! (the )?{channel})
        ^(put|take|set|bring|push) ({phrase} )?(live|on hold)
        ^(go|going) live
        ^(mark|set) ({phrase} )?(as )?(completed?|done|finished|cancell?ed|paused|live)
        ^(start|activate|end) {this_campaign}(?! ?(on|in|at|by)? ?{period})
        ^(hold|continue) {this_campaign}
        (pause|resume|cancel|launch|complete) {this_campaign}
        """,
        "show_campaign": r"""
        {show}{the}{some} campaign
        (details|status|state) (of|for|about){the}{some} campaign
        campaign (details|status)
        {show} (everything|all|more|details) (about|on|of) ({the} campaign|{listed}|{proper})
        ^how('s| is){the}{some} campaign
        ^(show|show me|tell me|tell me about) (it|that one|{listed}|{proper})
        """,
        "open_campaign": r"""
        ^(open|select|activate|load) {something}
        ^(switch|go|jump|get)( (back|over))* to {something}
        ^(let's )?(work|continue|carry on) (on|with) {something}
        ^use ({listed}|{proper})
        """,
    }
)

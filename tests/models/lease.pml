/*
 * The life of one domain's lock over several hosts: claims in etcd under leases that expire, hosts
 * that are cut off, keepers, harnesses and hosts that die, and what a late one may still remove.
 * docs/concurrency.md explains it; `check` runs it. What happens between the processes of one host
 * and its lock file is in domain_lock.pml; of the flock, only that it lets one at a time to etcd.
 *
 * A run is one process here: it is the step until it is `guarded`, then the harness, then
 * ExecStopPost. What nobody of them does is in World: the network, etcd, clocks, and the keepers.
 *
 * Time is the order of three moments of each guarded lease: the fence, the end by the host's clock,
 * the end by etcd's. That they come in this order is what margin and allowance are for
 * (src/lease/validity.hpp). At its own end a host kills whatever is at work, at once: a host that
 * can be late, because it sleeps, is another case (LATE).
 *
 * -D gives the size (RUNS, JANITORS, HOSTS, KILLS, CUTS), the surroundings (LATE; PROMPT: what the
 * fence begins ends before the lease does), the property (ONLY, SERVED) and, to see that the
 * checker would notice, a mistake (BREAK_...).
 */

#ifndef RUNS
#define RUNS 2
#endif
#ifndef JANITORS
#define JANITORS 1
#endif
#ifndef HOSTS
#define HOSTS 2
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef CUTS
#define CUTS 1
#endif
#define ACTORS (RUNS + JANITORS)
#define MOST 4 /* actors, for what is written out for each */
#define NOBODY 255
#define HOST(me) ((me) % HOSTS)

/* The properties that are assertions. */
#define ALONE 1 /* there is one at work on the domain */
#define SEEN 2  /* who comes to the domain knows whether its predecessor may have left something */
#define SLATE 3 /* no job begins on what another run left */
#define TOKEN 4 /* nothing is removed under an older lock than it was deployed under */
#define CLEAR 5 /* in the end nothing is left, or the next one knows; a cut alone leaves nothing */
#ifndef ONLY
#define ALWAYS(property, condition) assert(condition)
#else
#define ALWAYS(property, condition) assert((property) != (ONLY) || (condition))
#endif

/* etcd: the next revision, that at which a claim was made (0: there is none), one key more. */
byte revision = 1;
byte claim[MOST];
bool unfinished;

/* What an actor believes to have, and whether its word that it gives it back is under way. */
byte token[MOST];
bool returning[MOST];

/* Leases. */
bool kept[MOST];    /* a keeper lives, and asks whenever its host is not cut off */
bool guarded[MOST]; /* by the clock of the host */
byte clock[MOST];   /* 0, 1: after the fence, 2: after the end by that clock */
bool fenced[MOST];
bool killed[MOST];

/* The Swarm, one bit for each revision: what was deployed under it, and who says so there. */
unsigned things : 12;
unsigned marks : 12;
byte at_work = NOBODY;

byte flock[HOSTS] = NOBODY;
bool cut[HOSTS];

bool waiting[MOST];
byte alive = ACTORS;
byte kills = KILLS;
byte cuts = CUTS;

/* --- etcd's transactions, for use inside of d_step */

#define COMES_BEFORE(i, me) (claim[i] != 0 && claim[i] < claim[me])
#define IS_EMPTY (claim[0] == 0 && claim[1] == 0 && claim[2] == 0 && claim[3] == 0)
#define IS_FIRST(me) \
    (claim[me] != 0 && !COMES_BEFORE(0, me) && !COMES_BEFORE(1, me) && !COMES_BEFORE(2, me) && \
     !COMES_BEFORE(3, me))
#ifdef BREAK_FIRST
/* Nobody has the domain, so that it must be ours. */
#define HAS_IT(i) (token[i] != 0 && claim[i] == token[i])
#define IS_NEXT(me) (claim[me] != 0 && !HAS_IT(0) && !HAS_IT(1) && !HAS_IT(2) && !HAS_IT(3))
#else
#define IS_NEXT(me) IS_FIRST(me)
#endif

inline take(me) {
    ALWAYS(SEEN, things == 0 || had);
#ifndef BREAK_MARK
    unfinished = true;
#endif
    token[me] = claim[me]
}

/* Where nobody has the domain it is ours at once; what etcd said then is what we know. */
inline enter(me) {
    if
    :: IS_EMPTY ->
        claim[me] = revision;
        had = unfinished;
        take(me)
    :: else -> claim[me] = revision
    fi;
    revision++;
    kept[me] = true
}

inline give_back(me) {
#ifdef BREAK_COMPARE
    unfinished = false;
    claim[me] = 0;
#else
    if
    :: claim[me] != 0 && claim[me] == token[me] -> unfinished = false; claim[me] = 0
    :: else
    fi;
#endif
    returning[me] = false;
    token[me] = 0
}

/* --- work on the app, for use inside of d_step */

#define BIT(revision_of) (1 << (revision_of))

inline begin_work(me) {
    ALWAYS(ALONE, at_work == NOBODY);
    at_work = me
}

inline end_work(me) {
    if
    :: at_work == me -> at_work = NOBODY
    :: else
    fi
}

/* From now on the host's clock counts. */
inline guard(me) {
    guarded[me] = true;
    kept[me] = true;
    clock[me] = 0
}

inline unguard(me) {
    end_work(me);
    guarded[me] = false;
    kept[me] = false;
    clock[me] = 0;
    fenced[me] = false;
    killed[me] = false
}

/* SIGKILL to what the statement beside it belongs to, or to all of its host. */
#define DIE(label) \
    atomic { kills > 0 -> kills--; goto label } \
    :: atomic { kills > 0 -> kills--; goto gone }
#ifdef BREAK_OVER
#define IS_KILLED(me) false
#else
#define IS_KILLED(me) killed[me]
#endif

#ifdef PROMPT
#define CAN_FAIL false
#else
#define CAN_FAIL (things != 0)
#endif
#ifdef BREAK_TOKEN
#define IS_LATER(me) false
#else
#define IS_LATER(me) ((marks_seen >> (token[me] + 1)) != 0)
#endif

#define LOOK(me, what, seen_of_it, is_killed, is_dead) \
    if \
    :: d_step { !IS_KILLED(me) -> seen_of_it = what } \
    :: IS_KILLED(me) -> goto is_killed \
    :: DIE(is_dead) \
    fi
#ifdef BREAK_ORDER
#define LOOK_AT_ALL(me, is_killed, is_dead) \
    LOOK(me, marks, marks_seen, is_killed, is_dead); \
    LOOK(me, things, seen, is_killed, is_dead)
#else
#define LOOK_AT_ALL(me, is_killed, is_dead) \
    LOOK(me, things, seen, is_killed, is_dead); \
    LOOK(me, marks, marks_seen, is_killed, is_dead)
#endif

inline forget() {
    seen = 0;
    marks_seen = 0
}

inline remove(me) {
#ifdef BREAK_NAMES
    /* Of the same name, whosever it is by now. */
    if
    :: seen != 0 -> seen = things
    :: else
    fi;
#endif
    ALWAYS(TOKEN, ((things & seen) >> (token[me] + 1)) == 0);
    things = things & ~seen;
    if
    :: things == 0 -> marks = marks & ~marks_seen
    :: else
    fi;
    forget()
}

/* Nothing is left of it that keeps its lease. A claim that was given up may as well run out. */
inline end_actor(me) {
    unguard(me);
    forget();
    had = false;
    waiting[me] = false;
    if
    :: !returning[me] -> token[me] = 0
    :: else
    fi;
    if
    :: flock[HOST(me)] == me -> flock[HOST(me)] = NOBODY
    :: else
    fi;
    alive--
}

/*
 * Sees what is there, then who says whose it is; removes what it saw, in the same order. Goes on
 * after it when nothing is left; ends at `is_left`, `is_killed` or `is_dead` if not.
 */
#define TEAR_DOWN(me, is_left, is_killed, is_dead) \
    LOOK_AT_ALL(me, is_killed, is_dead); \
    if \
    :: d_step { !IS_KILLED(me) && !IS_LATER(me) -> remove(me) } \
    :: !IS_KILLED(me) && (IS_LATER(me) || CAN_FAIL) -> goto is_left \
    :: IS_KILLED(me) -> goto is_killed \
    :: DIE(is_dead) \
    fi

/* --- a run: step, harness, ExecStopPost */

proctype Run(byte me) {
    bool had = false;
    bool next = false;
    unsigned seen : 12;
    unsigned marks_seen : 12;

    /* The flock first: the step queues for it among the runs of its host (domain_lock.pml). */
    if
#ifdef BREAK_FLOCK
    :: true
#else
    :: d_step { flock[HOST(me)] == NOBODY -> flock[HOST(me)] = me }
#endif
    :: DIE(gone)
    fi;

    if
    :: d_step { !cut[HOST(me)] -> waiting[me] = true; enter(me) }
    :: cut[HOST(me)] -> goto gone /* 125 */
    :: DIE(gone)
    fi;

queue:
    if
    :: token[me] != 0
    /* What the watch says, then the transaction that takes it, which compares the claim. */
    :: d_step {
            token[me] == 0 && !next && !cut[HOST(me)] && IS_NEXT(me);
            had = unfinished;
            next = true
        } ->
        goto queue
    :: d_step { token[me] == 0 && next && !cut[HOST(me)] && claim[me] != 0 -> take(me) }
    /* The claim is gone, with its lease. */
    :: d_step { token[me] == 0 && !cut[HOST(me)] && claim[me] == 0 -> next = false; enter(me) } ->
        goto queue
    :: token[me] == 0 && !kept[me] -> goto gone /* the keeper has died */
    :: DIE(withdraw)
    fi;

    /* The keeper hears that a unit may live on the lease; then the unit is asked for. */
    if
    :: d_step {
            waiting[me] = false;
            next = false;
#ifdef BREAK_CARRIED
            claim[me] = 0; /* the step's keeper is let go, and gives the claim up */
#endif
        }
    :: DIE(withdraw)
    :: DIE(gone)
    fi;

    /* The harness has a keeper of its own. Nothing is touched before it has heard of etcd. */
    if
    :: d_step { !cut[HOST(me)] && claim[me] != 0 -> guard(me); begin_work(me) }
#ifdef BREAK_CARRIED
    :: d_step { claim[me] == 0 -> guard(me); begin_work(me) } /* what Lost says comes later */
#endif
    :: cut[HOST(me)] || claim[me] == 0 -> goto post
    :: DIE(post)
    fi;

#ifndef BREAK_CLEAN_SLATE
    if
    :: had -> had = false; TEAR_DOWN(me, teardown, post, post)
    :: else
    fi;
#endif

    /* Who says whose it is, then the app itself. */
    if
    :: d_step {
            !IS_KILLED(me) && !fenced[me];
            ALWAYS(SLATE, things == 0);
#ifdef BREAK_MARK_FIRST
            things = things | BIT(token[me])
#else
            marks = marks | BIT(token[me])
#endif
        }
    :: fenced[me] -> goto teardown
    :: IS_KILLED(me) -> goto post
    :: DIE(post)
    fi;
    if
    :: d_step {
            !IS_KILLED(me);
#ifdef BREAK_MARK_FIRST
            marks = marks | BIT(token[me])
#else
            things = things | BIT(token[me])
#endif
        }
    :: fenced[me] -> goto teardown
    :: IS_KILLED(me) -> goto post
    :: DIE(post)
    fi;

    /* It ends by itself, or because it is told to. */
    if
    :: true
    :: IS_KILLED(me) -> goto post
    :: DIE(post)
    fi;

teardown:
    TEAR_DOWN(me, is_left, post, post);
    /* The request goes, then the claim: nothing of the unit touches anything from here on. */
    d_step { unguard(me); returning[me] = true };
    goto gone;

is_left:
#ifdef BREAK_LEAVE
    skip;
    d_step { unguard(me); returning[me] = true };
#endif
post:
    /* systemd kills what is left. ExecStopPost waits for the word of a keeper of its own. */
    skip;
    d_step { unguard(me); forget(); had = false };
    if
    :: d_step { !cut[HOST(me)] && claim[me] != 0 && token[me] != 0 -> guard(me); begin_work(me) }
#ifdef BREAK_POST
    :: d_step { guard(me); begin_work(me) }
#endif
    :: cut[HOST(me)] || claim[me] == 0 -> goto gone
    :: DIE(gone)
    fi;
    TEAR_DOWN(me, gone, gone, gone);
    d_step { unguard(me); returning[me] = true };
    goto gone;

withdraw:
    /* The keeper reads the end of its input. Nothing was done under the claim. */
    if
#ifdef BREAK_WITHDRAW
    :: d_step { token[me] != 0 -> returning[me] = true }
#else
    :: d_step { token[me] != 0 && !had -> returning[me] = true }
#endif
    :: else
    fi;
gone:
    skip;
    d_step { next = false; end_actor(me) }
}

/* --- a pass of the janitor: `cc-ci-keeper with` holds the domain while the reaper runs */

proctype Janitor(byte me) {
    bool had = false;
    unsigned seen : 12;
    unsigned marks_seen : 12;

    if
#ifdef BREAK_KEY
    :: d_step { guard(me); token[me] = 11 }
#else
    :: d_step { !cut[HOST(me)] && IS_EMPTY -> enter(me); guard(me) }
    :: cut[HOST(me)] || !IS_EMPTY -> goto gone
#endif
    fi;
    /* The reaper probes the lock of its host. */
    if
    :: d_step { !IS_KILLED(me) && flock[HOST(me)] == NOBODY -> flock[HOST(me)] = me }
    /* A run of this host is on its way; it is left alone. */
    :: d_step {
            flock[HOST(me)] != NOBODY;
#ifdef BREAK_LEFT_ALONE
            returning[me] = true
#else
            if
            :: !had -> returning[me] = true
            :: else
            fi
#endif
        } ->
        goto gone
    :: IS_KILLED(me) -> goto gone
    :: DIE(gone)
    fi;
    if
    :: d_step { !IS_KILLED(me) -> begin_work(me) }
    :: IS_KILLED(me) -> goto gone
    fi;
    TEAR_DOWN(me, gone, gone, gone);
    d_step { unguard(me); returning[me] = true };
gone:
    skip;
    d_step { end_actor(me) }
}

/* --- what nobody of them does */

#define UNKEPT(i) (cut[HOST(i)] || !kept[i])

/* When etcd may take a lease for expired. */
#ifdef BREAK_LEASE
#define CAN_EXPIRE(i) false
#elif defined(LATE)
#define CAN_EXPIRE(i) UNKEPT(i)
#elif defined(BREAK_ALLOWANCE)
#define CAN_EXPIRE(i) (UNKEPT(i) && (!guarded[i] || clock[i] >= 1))
#else
#define CAN_EXPIRE(i) (UNKEPT(i) && (!guarded[i] || clock[i] == 2))
#endif

/* Whether the clock goes on from the fence to the end. */
#ifdef PROMPT
#define IS_OVER(i) !fenced[i]
#else
#define IS_OVER(i) true
#endif

#define OF_LEASE(i) \
    :: d_step { claim[i] != 0 && CAN_EXPIRE(i) -> claim[i] = 0 } \
    :: d_step { returning[i] -> give_back(i) } \
    :: d_step { guarded[i] && clock[i] == 0 && UNKEPT(i) -> clock[i] = 1; FENCE(i) } \
    :: d_step { \
            guarded[i] && clock[i] == 1 && UNKEPT(i) && IS_OVER(i) -> \
                clock[i] = 2; \
                killed[i] = true; \
                KILL(i) \
        } \
    :: d_step { guarded[i] && clock[i] == 1 && !UNKEPT(i) && claim[i] != 0 -> clock[i] = 0 } \
    :: d_step { kept[i] && kills > 0 -> kills--; kept[i] = false } \
    :: d_step { RESTARTS && guarded[i] && !kept[i] && clock[i] < 2 -> kept[i] = true }

/* What was fenced does not go on, even if the lease is kept alive again. */
#ifdef BREAK_FENCE
#define FENCE(i) skip
#else
#define FENCE(i) fenced[i] = true
#endif
#ifdef BREAK_OVER
#define KILL(i) skip
#else
#define KILL(i) end_work(i)
#endif

#ifdef BREAK_RESTART
#define RESTARTS false
#else
#define RESTARTS true
#endif

#define OF_HOST(h) \
    :: d_step { cuts > 0 && !cut[h] -> cuts--; cut[h] = true } \
    :: d_step { cut[h] -> cut[h] = false }

proctype World() {
end:
    do
    OF_HOST(0)
#if HOSTS > 1
    OF_HOST(1)
#endif
#if HOSTS > 2
    OF_HOST(2)
#endif
    OF_LEASE(0)
#if ACTORS > 1
    OF_LEASE(1)
#endif
#if ACTORS > 2
    OF_LEASE(2)
#endif
#if ACTORS > 3
    OF_LEASE(3)
#endif
    od
}

/* Looks when everybody is gone, and all leases with them. */
proctype Inspector() {
    alive == 0 && IS_EMPTY;
#ifdef PROMPT
    ALWAYS(CLEAR, things == 0);
#else
    ALWAYS(CLEAR, things == 0 || unfinished);
#endif
    skip
}

init {
    byte i = 0;
    atomic {
        do
        :: i < RUNS -> run Run(i); i++
        :: else -> break
        od;
        do
        :: i < ACTORS -> run Janitor(i); i++
        :: else -> i = 0; break
        od;
        run World();
        run Inspector()
    }
}

#ifdef SERVED
#define queued (waiting[SERVED])
ltl served { [] (queued -> <> !queued) }
#endif

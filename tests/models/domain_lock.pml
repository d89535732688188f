/*
 * The life of one domain's lock: steps, units, janitors, and SIGKILL between any two of their steps.
 * docs/concurrency.md explains it; `check` runs it.
 *
 * One statement is one system call, or a few of which nobody else can see the middle. A run has two
 * processes here: Step (src/launch/step.cpp, src/locks) and Unit (src/harness and what systemd does
 * around it). A crash of the host needs no process: nothing but the app survives one, so it is the
 * same as to begin with an app that nobody owns.
 *
 * -D gives the size (RUNS, JANITORS, KILLS), the surroundings (COMMAND: `--teardown`, of whose apps
 * no platform knows; DIRECT: no systemd; SUPERSEDE; ONE_DEATH), the property (ONLY, SERVED) and, to see that the checker
 * would notice, a mistake (BREAK_...).
 */

#ifndef RUNS
#define RUNS 2
#endif
#ifndef JANITORS
#define JANITORS 1
#endif
#ifndef KILLS
#define KILLS 1
#endif
#define INSPECTOR (RUNS + JANITORS)
#define ACTORS (INSPECTOR + 1)
#define FILES (ACTORS + 1)
#define NOBODY 255
#define BEFORE 254 /* whoever deployed before the host went down, or before the model begins */

/* The properties that are assertions. */
#define HOLDER 1      /* who is at work on the app holds the lock of the file at the path, alone */
#define LIVE 2        /* no app is removed but by its own run, while that run is not over */
#define SLATE 3       /* no job begins on what another run left */
#define RESPONSIBLE 4 /* in the end nothing is left, or what is left will be found and removed */
#ifndef ONLY
#define ALWAYS(property, condition) assert(condition)
#else
#define ALWAYS(property, condition) assert((property) != (ONLY) || (condition))
#endif

/* The directory: at most one file has the name. What is unlinked lives while somebody has it open. */
byte path = NOBODY;
byte owner[FILES] = NOBODY; /* who has the flock */
byte opened[FILES];
byte content[FILES]; /* 0, or 1 + the actor that wrote it */

/* The app: who deployed it last. Who is at work on it: deploying, testing, removing. */
byte app = NOBODY;
byte at_work = NOBODY;

/* An actor's open file description. Several processes may have a copy of it. */
byte file[ACTORS] = NOBODY;
byte copies[ACTORS];
#define STEP 1 /* or the janitor's own */
#define PID1 2
#define HARNESS 4
#define LEAKED 8

/* A run's directory and link. */
bool predecessor[RUNS];
bool kept_request[RUNS]; /* the file with the request is there */
bool ended[RUNS];        /* the record says so */
bool linked[RUNS];       /* the step has its end of the link open */
bool requested[RUNS];    /* the request is on the link */
bool over[RUNS];         /* nothing of the run lives any more */
bool stop[RUNS];         /* somebody told it to */
bool waiting[RUNS];      /* the record says so: it was made, and the run does not start yet */
bool harness_over[RUNS];

byte kills = KILLS;
byte alive = RUNS + JANITORS;
byte arrived;
byte janitors_arrived;
byte scratch;

/* --- system calls, for use inside of d_step */

inline open_or_create(me) {
    if
    :: path == NOBODY ->
        do
        :: opened[scratch] == 0 -> break
        :: else -> scratch++ /* past the end is an error of the search: then FILES is too small */
        od;
        path = scratch;
        scratch = 0
    :: else
    fi;
    file[me] = path;
    opened[path]++;
    copies[me] = STEP
}

/* A file that nobody can reach any more is as if it had never been. */
inline forget(f) {
    if
    :: opened[f] == 0 && path != f -> content[f] = 0
    :: else
    fi
}

inline close_file(me, f) {
    if
    :: owner[f] == me -> owner[f] = NOBODY
    :: else
    fi;
    opened[f]--;
    forget(f)
}

inline close_copy(me, copy) {
    if
    :: (copies[me] & copy) != 0 ->
        copies[me] = copies[me] & ~copy;
        if
        :: copies[me] == 0 -> close_file(me, file[me]); file[me] = NOBODY
        :: else
        fi
    :: else
    fi
}

/* flock(LOCK_UN): for every copy of the descriptor, whoever has it. */
inline unlock(me) {
    if
    :: file[me] != NOBODY && owner[file[me]] == me -> owner[file[me]] = NOBODY
    :: else
    fi
}

/* The name goes, whatever it names; with it goes the evidence that something may be there. */
inline unlink_path() {
    if
    :: path != NOBODY ->
        ALWAYS(RESPONSIBLE, app == NOBODY);
        scratch = path;
        path = NOBODY;
        forget(scratch);
        scratch = 0
    :: else
    fi
}

#ifdef BREAK_INODE_CHECK
#define is_at_path(me) true
#else
#define is_at_path(me) (path == file[me])
#endif

/* --- the app */

inline begin_work(me) {
    ALWAYS(HOLDER, at_work == NOBODY && path != NOBODY && owner[path] == me);
    at_work = me
}

inline end_work(me) {
    if
    :: at_work == me -> at_work = NOBODY
    :: else
    fi
}

inline remove_app(me) {
    ALWAYS(LIVE, app == NOBODY || app == BEFORE || app == me || over[app]);
    app = NOBODY
}

/* Whether a teardown may leave something. */
#ifdef ONE_DEATH
#define CAN_FAIL false
#else
#define CAN_FAIL (app != NOBODY)
#endif

/* SIGKILL, in the place of the step that it stands beside. */
#define DIE(label) atomic { kills > 0 -> kills--; goto label }
#define DIE_UNLESS(steady, label) atomic { !steady && kills > 0 -> kills--; goto label }

/*
 * The teardown once more, by ExecStopPost or, without systemd, by the step. Ends at `post_done` or
 * `post_died`. Two things tell that the harness had finished and that another run may be at work:
 * there is no request any more, and a lock file at the path that is not ours. Either is enough.
 *
 * Its own unlock needs no step: after the unlink nobody can see it, and the copies are closed next.
 */
#ifdef BREAK_STOP_POST_CHECK
#define had_finished(me) (ended[me] && !kept_request[me])
#else
#define had_finished(me) \
    ((ended[me] && !kept_request[me]) || (file[me] != NOBODY && path != file[me]))
#endif
#define FINISHED(me) d_step { ended[me] = true; kept_request[me] = false }

inline stop_post(me) {
    if
    :: d_step { had_finished(me) || !kept_request[me] -> FINISHED(me) } -> goto post_done
    :: d_step { !had_finished(me) && kept_request[me] -> begin_work(me) }
    :: DIE(post_died)
    fi;
    if
    :: d_step { remove_app(me); end_work(me) }
    :: d_step { CAN_FAIL -> end_work(me); FINISHED(me) } -> goto post_done
    :: DIE(post_died)
    fi;
    if
    :: FINISHED(me)
    :: DIE(post_died)
    fi;
    if
    :: d_step { unlink_path() }
    :: DIE(post_died)
    fi
}

/* --- the unit: harness, the death of its cgroup, ExecStopPost */

proctype Unit(byte me) {
    /* The harness hears the request, or that the step is gone. */
    if
    :: d_step { requested[me] -> begin_work(me) }
    :: !linked[me] && !requested[me] -> goto harness_died
#ifdef REFUSALS
    :: goto post_done /* its start job was cancelled: nothing of it is ever executed */
#endif
    :: DIE(harness_died)
    fi;

    /* The clean slate. */
#if !defined(BREAK_CLEAN_SLATE)
    if
#ifdef COMMAND
    :: !predecessor[me]
    :: d_step { predecessor[me] -> remove_app(me) }
    :: predecessor[me] && CAN_FAIL -> goto teardown
#else
    :: d_step { remove_app(me) }
    :: CAN_FAIL -> goto teardown
#endif
    :: DIE(harness_died)
    fi;
#endif

    /* The job deploys. It ends by itself, or because it is told to; then, or before it deployed. */
    if
    :: d_step { ALWAYS(SLATE, app == NOBODY); app = me }
    :: stop[me] -> goto teardown
    :: DIE(harness_died)
    fi;
#ifdef SUPERSEDE
    if
    /* Of itself it ends when it pleases, perhaps never: not while the newest run waits for it. */
    :: stop[me] || (arrived == RUNS && !waiting[RUNS - 1])
    :: DIE(harness_died)
    fi;
#endif

teardown:
    if
    :: d_step { remove_app(me); end_work(me) }
    :: d_step {
            CAN_FAIL -> end_work(me);
#ifdef BREAK_UNCLEAN_UNLINK
            unlink_path();
#endif
            ended[me] = true
        } ->
        goto harness_ended
    :: DIE(harness_died)
    fi;
    /* The record, the request, the domain: only then is the step told. */
#ifndef BREAK_RELEASE_FIRST
    if
    :: ended[me] = true
    :: DIE(harness_died)
    fi;
    if
    :: kept_request[me] = false
    :: DIE(harness_died)
    fi;
#endif
    if
#ifdef BREAK_UNLOCK_BEFORE_UNLINK
    :: d_step { unlock(me) }
#else
    :: d_step { unlink_path() }
#endif
    :: DIE(harness_died)
    fi;
    if
#ifdef BREAK_UNLOCK_BEFORE_UNLINK
    :: d_step { unlink_path() }
#else
    :: d_step { unlock(me) }
#endif
    :: DIE(harness_died)
    fi;
#ifdef BREAK_RELEASE_FIRST
    if
    :: ended[me] = true
    :: DIE(harness_died)
    fi;
    if
    :: kept_request[me] = false
    :: DIE(harness_died)
    fi;
#endif
    goto harness_ended;

harness_died:
    /* systemd kills what is left in the cgroup; without systemd the job dies with its parent. */
    skip;
    d_step { end_work(me) };
harness_ended:
#ifdef DIRECT
    skip;
    d_step {
        close_copy(me, HARNESS);
        harness_over[me] = true;
        alive--;
        over[me] = !linked[me] /* the step is gone, too */
    };
    goto gone;
#else
#ifdef BREAK_PINNING
    skip;
    d_step { close_copy(me, HARNESS) };
#endif
#ifndef BREAK_STOP_POST
    stop_post(me);
#endif
    goto post_done;
#endif

post_died:
    skip;
    d_step { end_work(me) };
post_done:
    /* Inactive or failed: systemd closes its copies. */
    skip;
    d_step {
        close_copy(me, PID1);
        over[me] = true;
        kept_request[me] = false;
        requested[me] = false;
        alive--
    };
gone:
    skip
}

/* --- the step */

#define close_outlived(me) \
    do \
    :: other < FILES -> \
        if \
        :: (outlived & (1 << other)) != 0 -> close_file(me, other) \
        :: else \
        fi; \
        other++ \
    :: else -> break \
    od; \
    outlived = 0; \
    other = 0

proctype Step(byte me) {
    byte outlived = 0; /* the unlinked files that those behind us wait for, one bit each */
    byte other = 0;
#ifdef SUPERSEDE
    byte holder = 0;
#endif

    /* Runs are alike: let them arrive in the order of their numbers. */
    d_step { arrived == me -> arrived++; waiting[me] = true };

acquire:
    if
    :: d_step { open_or_create(me) }
    :: DIE(died)
    fi;
    if
    :: d_step { owner[file[me]] == NOBODY -> owner[file[me]] = me } -> goto check
    :: d_step {
            owner[file[me]] != NOBODY;
#ifdef SUPERSEDE
            holder = content[file[me]]
#endif
        }
    :: DIE(died)
    fi;

#ifdef SUPERSEDE
    if
    :: me == RUNS - 1 ->
        do
        :: other < me ->
            d_step {
                if
#ifdef BREAK_SUPERSEDE
                /* only whom the file named, and who said to be waiting */
                :: !ended[other] && (holder == other + 1 || waiting[other]) -> stop[other] = true
#else
                :: !ended[other] -> stop[other] = true
#endif
                :: else
                fi;
                other++
            }
        :: else -> other = 0; break
        od
    :: else
    fi;
    holder = 0;
#endif

    /* A child blocks in flock(2); whoever is woken or comes along first has it. */
    if
    :: d_step { owner[file[me]] == NOBODY -> owner[file[me]] = me }
    :: stop[me] -> goto died
    :: DIE(died)
    fi;

check:
    if
    :: d_step {
            is_at_path(me);
            predecessor[me] = (content[file[me]] != 0);
            close_outlived(me)
        }
    :: d_step {
            !is_at_path(me);
            outlived = outlived | (1 << file[me]);
            file[me] = NOBODY;
            copies[me] = 0
        } ->
        goto acquire
    :: DIE(died)
    fi;

    /* The record, the request, the holder. */
#ifdef SUPERSEDE
    if
    :: waiting[me] = false
    :: DIE(died)
    fi;
#endif
    if
    :: d_step {
            waiting[me] = false;
            kept_request[me] = true;
            content[file[me]] = me + 1;
            linked[me] = true
        }
    :: DIE(died)
    fi;

    /* StartTransientUnit. From the moment that the message is sent, the copy in it counts. */
    if
#if defined(DIRECT) || defined(BREAK_PINNING)
    :: atomic { copies[me] = copies[me] | HARNESS; alive++; run Unit(me) }
#elif defined(BREAK_LEAK)
    :: atomic { copies[me] = copies[me] | PID1 | LEAKED; alive++; run Unit(me) }
#else
    :: atomic { copies[me] = copies[me] | PID1; alive++; run Unit(me) }
#endif
#ifdef REFUSALS
    :: true -> goto refused
    :: atomic { copies[me] = copies[me] | PID1; alive++; run Unit(me); goto refused } /* no answer */
#endif
    :: DIE(died)
    fi;
    if
#ifdef DIRECT
    :: d_step { requested[me] = true }
#else
    :: d_step { requested[me] = true; close_copy(me, STEP) }
#endif
    :: DIE(died)
    fi;

#ifdef DIRECT
    if
    :: harness_over[me]
    :: DIE(died)
    fi;
    stop_post(me);
post_done:
    skip;
    d_step { over[me] = true; close_copy(me, STEP); alive-- };
    goto gone;
post_died:
    goto died;
#else
    alive--;
    goto gone;
#endif

#ifdef REFUSALS
refused:
    skip;
    d_step {
        if
#ifdef BREAK_EVIDENCE
        :: true -> content[file[me]] = 0
#else
        :: !predecessor[me] -> content[file[me]] = 0
        :: else
#endif
        fi
    };
#endif
died:
    /* The kernel closes what the process had open; a unit that it asked for hears the link's end. */
    skip;
    d_step {
        end_work(me);
        linked[me] = false;
        waiting[me] = false;
        close_outlived(me);
        close_copy(me, STEP);
        if
        :: harness_over[me] -> over[me] = true
        :: else
        fi;
        alive--
    };
gone:
    skip
}

/* --- a pass of the janitor; `steady`: nothing fails or dies, for the last look */

inline janitor_pass(me, steady) {
    if
    :: path == NOBODY && app == NOBODY -> goto finished
    :: saw_app = (app != NOBODY)
    fi;

acquire:
    if
    :: d_step { open_or_create(me) }
    :: DIE_UNLESS(steady, died)
    fi;
    if
    :: d_step { owner[file[me]] == NOBODY -> owner[file[me]] = me }
    :: d_step { owner[file[me]] != NOBODY -> close_copy(me, STEP) } -> goto finished
    :: DIE_UNLESS(steady, died)
    fi;
    if
    :: is_at_path(me)
    :: d_step { !is_at_path(me) -> close_copy(me, STEP) } -> goto acquire
    :: DIE_UNLESS(steady, died)
    fi;

#ifdef COMMAND
    /*
     * No platform, or one that does not know of such apps: one may be there, and a file in which
     * somebody is named is the evidence of it. A platform removes a file in which nobody is.
     */
    if
#ifdef BREAK_KEEP_FILE
    :: d_step { unlink_path() }
#else
    :: d_step { content[file[me]] == 0 -> unlink_path() }
    :: true
#endif
    :: DIE_UNLESS(steady, died)
    fi;
#else
#ifdef BREAK_JANITOR_HOLDS
    d_step { close_copy(me, STEP) };
#endif
#ifndef BREAK_SECOND_LOOK
    /* What the listing said may be old: a run may have deployed and died since. */
    if
    :: !saw_app && file[me] != NOBODY && content[file[me]] != 0 -> saw_app = (app != NOBODY)
    :: else
    fi;
#endif
    if
    :: saw_app ->
        if
#ifdef BREAK_JANITOR_HOLDS
        :: d_step { begin_work(me) }
#else
        :: d_step { content[file[me]] = me + 1; begin_work(me) }
#endif
        :: DIE_UNLESS(steady, died)
        fi;
        if
        :: d_step { remove_app(me); end_work(me) }
        :: !steady && CAN_FAIL -> goto died
        :: DIE_UNLESS(steady, died)
        fi
    :: else
    fi;
#ifdef BREAK_JANITOR_UNLINK
    d_step { close_copy(me, STEP) };
#endif
    if
    :: d_step { unlink_path() }
    :: DIE_UNLESS(steady, died)
    fi;
#endif
died:
    skip;
    d_step { end_work(me); close_copy(me, STEP); saw_app = false };
finished:
    skip
}

proctype Janitor(byte me) {
    bool saw_app;
    d_step { janitors_arrived == me - RUNS -> janitors_arrived++ };
    janitor_pass(me, false);
    alive--
}

/* Looks when everybody is gone. */
proctype Inspector() {
    bool saw_app;
    alive == 0;
#if defined(ONE_DEATH)
    ALWAYS(RESPONSIBLE, app == NOBODY || app == BEFORE);
#elif defined(COMMAND)
    /* The next run finds the evidence, and nobody in its way. */
    ALWAYS(RESPONSIBLE,
           app == NOBODY || (path != NOBODY && content[path] != 0 && owner[path] == NOBODY));
#else
    janitor_pass(INSPECTOR, true);
    ALWAYS(RESPONSIBLE, app == NOBODY && path == NOBODY);
#endif
    skip
}

init {
    byte i = 0;
    atomic {
        if
        :: true
        :: app = BEFORE; /* the host went down, or a run could not remove it */
#ifdef COMMAND
            path = 0;
            content[0] = ACTORS
#endif
        fi;
        do
        :: i < RUNS -> run Step(i); i++
        :: else -> break
        od;
        do
        :: i < INSPECTOR -> run Janitor(i); i++
        :: else -> i = 0; break
        od;
        run Inspector()
    }
}

#ifdef SERVED
#define queued (waiting[SERVED])
ltl served { [] (queued -> <> !queued) }
#endif

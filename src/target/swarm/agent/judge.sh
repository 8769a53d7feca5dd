# shellcheck shell=dash disable=SC2034
# Decides what the state of a Swarm service means. Nothing else decides that. It asks nothing and waits for nothing.
# FACTS is a file with one fact per line (see query.sh), whose fields are separated by `|`, in this order:
#   service|STATE|MARK|IMAGE|REPLICAS|MODE|PREVIOUS-MARK|PREVIOUS-IMAGE|RESTART|PACE|ITERATION|MESSAGE
#   down|NODE                a node that is not ready
#   current|TASK             a task of the current specification
#   known|TASK               a task that existed before the change
#   task|ID|DESIRED|STATE|NODE|IMAGE|ITERATION|ERROR
# The result is in $result:
#   converged    all its tasks run, and no others; this has to last
#   idle         it has no tasks, so none was verified
#   done         a job has completed
#   stuck        all tasks that can run do, and Swarm waits for a node that is down
#   under-way    none of the others
#   failing      its tasks keep exiting
#   paused       Swarm has given up
#   turned-back  Swarm itself has rolled it back
#   superseded   somebody else has updated it

judge() { # FACTS MARK IMAGE BEFORE-MARK BEFORE-IMAGE
  local kind a b c d e f g down="$newline" current="$newline" known="$newline"
  result='' good=0 waiting=0 others=0 bad=0 ended_well=0 tasks='' why=''
  read_service "$1"
  while IFS='|' read -r kind a b c d e f g; do
    case $kind in
      down) down=$down$a$newline ;;
      current) current=$current$a$newline ;;
      known) known=$known$a$newline ;;
      task) judge_task "$a" "$b" "$c" "$d" "$f" "$g" ;;
    esac
  done <"$1"
  result=$(result_for "$2" "$3" "$4" "$5")
  case $result in
    paused | turned-back) why=${why:+$why (}$message${why:+)} ;;
    superseded) why="another update has set it to ${spec##*/}" ;;
    failing) why="its tasks keep exiting${why:+: $why}" ;;
  esac
}

# Reads the facts of the service itself: its state into $update, and its mark into $current_mark.
read_service() { # FACTS
  IFS='|' read -r _ update current_mark spec want shape previous_mark previous_image restart pace iteration message <"$1"
  is_number "$want" || want=0
}

judge_task() { # ID DESIRED STATE NODE ITERATION ERROR
  local fresh=yes
  case $known in *"$newline$1$newline"*) fresh='' ;; esac
  case $current in
    *"$newline$1$newline"*) ;;
    *)
      if is_wanted "$2" && is_alive "$3"; then others=$((others + 1)); fi
      return
      ;;
  esac
  case $shape in
    *job)
      [ "$5" = "$iteration" ] || return 0
      case $3 in
        complete) ended_well=$((ended_well + 1)) ;;
        failed | rejected | orphaned) failed_task "$6" ;;
        *) waiting=$((waiting + 1)) why=${6:-$why} ;;
      esac
      return
      ;;
  esac
  # If a task of a service ends, this is a failure, whatever its exit code: an unhealthy task may exit with 0.
  case $3 in
    failed | rejected | orphaned) [ -z "$fresh" ] || failed_task "$6" ;;
    complete)
      case $restart in
        '' | any) [ -z "$fresh" ] || failed_task "${6:-a task ended with exit code 0: it was unhealthy, or its program does not keep running}" ;;
        *) ended_well=$((ended_well + 1)) ;;
      esac
      ;;
  esac
  is_wanted "$2" || return 0
  case $3 in failed | rejected | orphaned | complete) return ;; esac
  if [ "$3" = running ]; then
    case $down in
      *"$newline$4$newline"*) ;;
      *) good=$((good + 1)) tasks="$tasks $1"; return ;;
    esac
  fi
  waiting=$((waiting + 1)) why=${6:-$why}
}

failed_task() { # ERROR
  bad=$((bad + 1)) why=${1:-$why}
}

is_wanted() { case $1 in running | ready | accepted) ;; *) return 1 ;; esac; } # DESIRED

is_alive() { # STATE
  case $1 in running | starting | ready | preparing | accepted | assigned | pending | new | allocated) ;; *) return 1 ;; esac
}

result_for() { # MARK IMAGE BEFORE-MARK BEFORE-IMAGE
  if [ "$current_mark" != "$1" ] || [ "${spec##*@}" != "${2##*@}" ]; then
    case $update in
      rollback_*) if [ "$current_mark" = "$3" ] && [ "$spec" = "$4" ]; then echo turned-back; return; fi ;;
    esac
    echo superseded
    return
  fi
  case $update in
    paused | rollback_paused)
      # Swarm pauses the update for any task that ends, even for a one-shot that has completed.
      if [ "$ended_well" -gt 0 ] && [ "$bad$others$waiting" = 000 ] && [ "$((good + ended_well))" -ge "$want" ]; then echo converged; else echo paused; fi
      return
      ;;
  esac
  if [ "$bad" -ge "$(most_failures)" ]; then echo failing; return; fi
  case $shape in
    job) if [ "$ended_well" -ge "$want" ]; then echo 'done'; else echo under-way; fi ;;
    globaljob) if [ "$ended_well" -gt 0 ] && [ "$waiting$bad" = 00 ]; then echo 'done'; else echo under-way; fi ;;
    *) result_for_service ;;
  esac
}

result_for_service() {
  if [ "$others$waiting" != 00 ]; then echo under-way; return; fi
  case $update in
    updating | rollback_started)
      # If a node dies during the update, Swarm waits forever for the task on that node.
      if [ "$down" != "$newline" ] && [ "$((good + ended_well))" -gt 0 ]; then echo stuck; else echo under-way; fi
      return
      ;;
  esac
  case $shape in
    replicated)
      if [ "$want" = 0 ]; then echo idle
      elif [ "$((good + ended_well))" -ge "$want" ]; then echo converged
      else echo under-way
      fi
      ;;
    *) if [ "$good" -gt 0 ] || [ "$ended_well" -gt 0 ]; then echo converged; else echo under-way; fi ;;
  esac
}

# Returns how many failures count as failing: 1 if tasks are never restarted, otherwise 3 for each replica.
most_failures() {
  local each="$want"
  case $restart in none) echo 1; return ;; esac
  case $shape in global) each=$((good + waiting)) ;; *job) each=1 ;; esac
  if [ "$each" -lt 1 ]; then each=1; fi
  echo $((each * 3))
}

# Returns the seconds that Swarm itself may wait after each task, by its delays and monitoring: at least 5.
slowest() {
  local time most=5
  for time in $pace; do
    time=${time%?????????}
    is_number "$time" || continue
    [ "$time" -le "$most" ] || most=$time
  done
  echo "$most"
}

# shellcheck shell=bash
# What the launchers share. Sourced, never run; the launcher sets $me, its name for messages, first.

: "${me:?}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
maven_spark_home=$root/target/spark-home

# Without a character set Java 17 takes ASCII: see submit/lorica.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in '' | C | POSIX) export LC_ALL=C.UTF-8 ;; esac

fail() { echo "$me: $*" >&2; exit 1; }
wrong() { echo "$me: $*; see submit/$me --help" >&2; exit 2; }

# ---- checks of option values; each names what was expected and what was found

need() { # NAME [VALUE]
  [ $# -ge 2 ] || wrong "$1 needs a value"
  case $1:$2 in --java-options:*) ;; *:--*) wrong "$1 needs a value, got the option $2" ;; esac
}

whole() { # NAME VALUE LEAST [MOST]
  local most=${4:-1000000}
  if ! [[ $2 =~ ^[0-9]{1,9}$ ]] || [ "$((10#$2))" -lt "$3" ] || [ "$((10#$2))" -gt "$most" ]; then
    wrong "$1 must be a whole number from $3 to $most, got '$2'"
  fi
}

mebibytes() { # NAME VALUE: prints the size in MiB
  local digits=${2%?}
  if ! [[ $2 =~ ^[1-9][0-9]{0,8}[mMgG]$ ]]; then wrong "$1 must be a size such as 512m or 4g, got '$2'"; fi
  case $2 in *[gG]) echo $((digits * 1024)) ;; *) echo "$digits" ;; esac
}

one_of() { # NAME VALUE CHOICE...
  local name=$1 value=$2 choice
  shift 2
  for choice in "$@"; do if [ "$value" = "$choice" ]; then return; fi; done
  wrong "$name must be one of: $*; got '$value'"
}

# ---- the application and Spark

# Java 17 and an up-to-date jar: submit/lorica looks after both.
build_if_needed() {
  env -u SPARK_HOME -u LORICA_JAVA_OPTS LORICA_HEAP=256m "$root/submit/lorica" --help \
    2>&1 >/dev/null | { grep -v '^WARNING: Using incubator modules' >&2 || true; }
}

java_command() {
  if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then echo "$JAVA_HOME/bin/java"; else echo java; fi
}

# The built jar, or the name it will have.
shaded_jar() {
  local jar newest=
  for jar in "$root"/target/lorica-*.jar; do
    case $jar in *-sources.jar | *-tests.jar | *-javadoc.jar | *'*'*) continue ;; esac
    if [ -z "$newest" ] || [ "$jar" -nt "$newest" ]; then newest=$jar; fi
  done
  [ -n "$newest" ] || newest=$root/target/lorica-$(sed -n '0,/<version>/s/.*<version>\(.*\)<\/version>.*/\1/p' "$root/pom.xml").jar
  echo "$newest"
}

# A folder that serves as SPARK_HOME, made of links to the Spark jars that Maven resolved.
make_maven_spark_home() {
  local home=$maven_spark_home fresh=$maven_spark_home.$$ jar
  build_if_needed
  if cmp -s "$root/target/lorica.classpath" "$home/classpath"; then return; fi
  rm -rf "$fresh"
  mkdir -p "$fresh/jars" "$fresh/bin" "$fresh/conf"
  while IFS= read -r jar; do
    case $jar in
      */org/nd4j/* | */org/bytedeco/* | */org/deeplearning4j/* | */ai/djl/* | */com/typesafe/* | */info/picocli/*)
        continue ;; # the application's own, inside its jar
    esac
    ln -s "$jar" "$fresh/jars/"
  done < <(tr : '\n' <"$root/target/lorica.classpath"; echo)
  ln -s "$root/submit/lib/spark-submit" "$fresh/bin/spark-submit"
  ln -s "$root/submit/lib/log4j2.properties" "$fresh/conf/log4j2.properties"
  cp "$root/target/lorica.classpath" "$fresh/classpath"
  rm -rf "$home"
  mv -T "$fresh" "$home"
}

# Refuses an installation that cannot run the jar.
require_spark_4() { # SPARK_HOME
  local core found
  [ -x "$1/bin/spark-submit" ] || fail "SPARK_HOME=$1 holds no bin/spark-submit"
  for core in "$1"/jars/spark-core_*.jar; do
    case $core in */spark-core_2.13-4.*.jar) return ;; esac
    found=${core##*/spark-core_}
    found=${found%.jar}
    if [ "$found" = '*' ]; then fail "SPARK_HOME=$1 holds no jars/spark-core_*.jar"; fi
    fail "Spark 4 on Scala 2.13 is needed, SPARK_HOME=$1 holds Spark ${found#*-} on Scala ${found%%-*}"
  done
}

# ---- options that every launcher has, from the environment first

deploy_mode=${LORICA_DEPLOY_MODE:-}
master=${LORICA_MASTER:-}
driver_memory=${LORICA_DRIVER_MEMORY:-}
driver_off_heap=${LORICA_DRIVER_OFF_HEAP:-}
executors=${LORICA_EXECUTORS:-}
executor_cores=${LORICA_EXECUTOR_CORES:-}
executor_memory=${LORICA_EXECUTOR_MEMORY:-}
off_heap=${LORICA_OFF_HEAP:-1g}
gpus_per_executor=${LORICA_GPUS_PER_EXECUTOR:-}
gpu_per_task=${LORICA_GPU_PER_TASK:-}
# shellcheck disable=SC2034 # for the launchers that need a script on the nodes
gpu_discovery=${LORICA_GPU_DISCOVERY:-}
java_options=${LORICA_JAVA_OPTS:-}
app_jar=${LORICA_JAR:-}
dry_run=
arguments=() # of Lorica
confs=()     # of Spark, in order
user_confs=()
files=()
user_driver_java=
user_executor_java=

common_options_help() {
  cat <<'END'
  --executors N           executors
  --executor-cores N      cores of an executor = tasks at a time; each task computes on one thread
  --executor-memory SIZE  heap of an executor, such as 4g
  --off-heap SIZE         native memory of an executor: weights, activations, gradients [1g]
  --driver-memory SIZE    heap of the driver
  --driver-off-heap SIZE  native memory of the driver [as --off-heap]
  --gpus-per-executor N   GPUs of an executor; without it no GPU option is passed
  --gpu-per-task X        share of a GPU, or number of GPUs, of a task [1]
  --java-options TEXT     further options of the JVMs of driver and executors
  --jar FILE              the application [the one in target/, built if needed]
  --conf KEY=VALUE        any Spark setting; wins over all others; may be repeated
  --dry-run               print the spark-submit command and stop
  --help                  this text
Every option but --conf, --dry-run and --help has an environment variable: LORICA_EXECUTORS, LORICA_EXECUTOR_CORES, ...
What is not given is not passed: Spark's own settings decide. Details: submit/README.md
END
}

take_conf() { # KEY=VALUE
  [[ $1 =~ ^spark\.[^=[:space:]]+= ]] || wrong "--conf must be spark.KEY=VALUE, got '$1'"
  case $1 in
    spark.serializer=*Kryo*)
      fail "spark.serializer must be Spark's default Java serializer (records do not pass through Kryo), got ${1#*=}" ;;
    spark.driver.extraJavaOptions=*) user_driver_java=${1#*=} ;; # added to ours, not instead
    spark.executor.extraJavaOptions=*) user_executor_java=${1#*=} ;;
    *) user_confs+=("$1") ;;
  esac
}

# The launcher's own options come to own_option NAME VALUE, which returns 1 for an unknown one.
parse() {
  while [ $# -gt 0 ]; do
    case $1 in --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;; esac
    case $1 in
      --help | -h) usage; exit 0 ;;
      --dry-run) dry_run=yes; shift; continue ;;
      --) shift; break ;;
      -*) ;;
      *) break ;;
    esac
    need "$@"
    case $1 in
      --executors) executors=$2 ;;
      --executor-cores) executor_cores=$2 ;;
      --executor-memory) executor_memory=$2 ;;
      --off-heap) off_heap=$2 ;;
      --driver-memory) driver_memory=$2 ;;
      --driver-off-heap) driver_off_heap=$2 ;;
      --gpus-per-executor) gpus_per_executor=$2 ;;
      --gpu-per-task) gpu_per_task=$2 ;;
      --java-options) java_options=$2 ;;
      --jar) app_jar=$2 ;;
      --conf) take_conf "$2" ;;
      *) own_option "$1" "$2" || wrong "unknown option $1" ;;
    esac
    shift 2
  done
  arguments=("$@")
  [ ${#arguments[@]} -gt 0 ] || wrong "a command of Lorica is missing, such as: train conf/quickstart.conf"
}

check_common() {
  [ -z "$executors" ] || whole --executors "$executors" 1
  [ -z "$executor_cores" ] || whole --executor-cores "$executor_cores" 1
  [ -n "$gpus_per_executor" ] || [ -z "$gpu_per_task" ] ||
    wrong "--gpu-per-task needs --gpus-per-executor"
  [ -z "$gpus_per_executor" ] || whole --gpus-per-executor "$gpus_per_executor" 1 1024
  if [ -n "$gpu_per_task" ]; then
    # Spark takes a share up to 1 or a whole number.
    if ! [[ $gpu_per_task =~ ^(0?\.[0-9]*[1-9][0-9]*|[1-9][0-9]*)$ ]] ||
      ! awk -v x="$gpu_per_task" -v n="$gpus_per_executor" 'BEGIN { exit !(x <= n) }'; then
      wrong "--gpu-per-task must be a share below 1 or a whole number, and at most --gpus-per-executor ($gpus_per_executor); got '$gpu_per_task'"
    fi
  fi
}

# Where the other launchers find Spark: SPARK_HOME, or spark-submit on PATH. A dry run needs neither.
choose_spark() { # MODULE WHAT: a jar that Spark must hold, and its name in words
  local held
  spark_submit=spark-submit
  if [ -n "${SPARK_HOME:-}" ]; then
    require_spark_4 "$SPARK_HOME"
    held=("$SPARK_HOME/jars/$1"_*.jar)
    [ -f "${held[0]}" ] || fail "SPARK_HOME=$SPARK_HOME was built without $2: it holds no jars/$1_*.jar"
    spark_submit=$SPARK_HOME/bin/spark-submit
  elif [ -z "$dry_run" ] && ! command -v spark-submit >/dev/null; then
    fail "a Spark 4 installation with $2 is needed: set SPARK_HOME, or put spark-submit on PATH"
  fi
}

# ---- Spark settings

conf() { confs+=(--conf "$1"); }

# What a JVM takes beside heap and native memory: a tenth of the heap, at least 512 MiB.
jvm_mib() { # HEAP_MIB or nothing
  local tenth=$((${1:-0} / 10))
  if [ "$tenth" -gt 512 ]; then echo "$tenth"; else echo 512; fi
}

# Options of a JVM: JavaCPP's own caps follow from the heap, which is not what limits native memory here.
# With the heap known, the whole process is held to heap + overhead: an error with a name before the container's kill.
jvm_options() { # HEAP_MIB or nothing, NATIVE_MIB
  local physical=0
  if [ -n "$1" ]; then physical=$(($1 + $2 + $(jvm_mib "$1")))m; fi
  echo "--add-modules=jdk.incubator.vector -Dorg.bytedeco.javacpp.maxbytes=$2m -Dorg.bytedeco.javacpp.maxphysicalbytes=$physical"
}

# Adapters of a megabyte fill whole regions of the G1 collector, so that a heap holds half as many; a word with GC in it wins.
collector() { # the user's JVM options
  case $1 in *GC*) ;; *) echo "-XX:+UseParallelGC" ;; esac
}

# Options that the JVMs of a role get from elsewhere: a second collector among them and no JVM would start.
elsewhere() { # driver or executor
  local setting file
  for setting in "${user_confs[@]}"; do
    case $setting in
      "spark.$1.defaultJavaOptions="* | "spark.$1Env.JAVA_TOOL_OPTIONS="* | "spark.$1Env.JDK_JAVA_OPTIONS="*) echo "$setting" ;;
    esac
  done
  file=${SPARK_CONF_DIR:-${SPARK_HOME:-/etc/spark}/conf}/spark-defaults.conf
  if [ -f "$file" ]; then grep -E "^[[:space:]]*spark\.$1\.defaultJavaOptions" "$file" || true; fi
  if [ "$1" = driver ]; then echo "${JAVA_TOOL_OPTIONS:-} ${JDK_JAVA_OPTIONS:-}"; fi
}

joined() { # WORD...: the non-empty ones with one space between
  local text='' word
  for word in "$@"; do if [ -n "$word" ]; then text="$text${text:+ }$word"; fi; done
  echo "$text"
}

common_confs() {
  local heap='' native driver_heap='' driver_native
  native=$(mebibytes --off-heap "$off_heap") || exit
  driver_native=$(mebibytes --driver-off-heap "${driver_off_heap:-$off_heap}") || exit
  if [ -n "$executor_memory" ]; then heap=$(mebibytes --executor-memory "$executor_memory") || exit; fi
  if [ -n "$driver_memory" ]; then driver_heap=$(mebibytes --driver-memory "$driver_memory") || exit; fi
  conf spark.executorEnv.OMP_NUM_THREADS=1
  conf spark.ui.showConsoleProgress=false
  if [ -n "$driver_heap" ]; then conf "spark.driver.memory=${driver_heap}m"; fi
  if [ "$deploy_mode" = cluster ]; then
    conf "spark.driver.memoryOverhead=$((driver_native + $(jvm_mib "$driver_heap")))m"
  fi
  conf "spark.driver.extraJavaOptions=$(joined "$(jvm_options "$driver_heap" "$driver_native")" "$(collector "$java_options $user_driver_java $(elsewhere driver)")" "$java_options" "$user_driver_java")"
  if [ -n "$executor_cores" ]; then conf "spark.executor.cores=$executor_cores"; fi
  if [ -n "$heap" ]; then conf "spark.executor.memory=${heap}m"; fi
  conf "spark.executor.memoryOverhead=$((native + $(jvm_mib "$heap")))m"
  conf "spark.executor.extraJavaOptions=$(joined "$(jvm_options "$heap" "$native")" "$(collector "$java_options $user_executor_java $(elsewhere executor)")" "$java_options" "$user_executor_java")"
  if [ -n "$gpus_per_executor" ]; then
    conf "spark.executor.resource.gpu.amount=$gpus_per_executor"
    conf "spark.task.resource.gpu.amount=${gpu_per_task:-1}"
  fi
}

# ---- the command

quoted() {
  if [[ $1 =~ ^[A-Za-z0-9_@%+=:,./-]+$ ]]; then printf '%s' "$1"; else printf "'%s'" "${1//\'/\'\\\'\'}"; fi
}

print_command() { # WORD...: an option and its value on a line
  local line word
  line=$(quoted "$1")
  shift
  while [ $# -gt 0 ]; do
    word=$(quoted "$1")
    shift
    printf '%s \\\n' "$line"
    line="  $word"
    case $word in
      --*) if [ $# -gt 0 ]; then line="$line $(quoted "$1")"; shift; fi ;;
      *) while [ $# -gt 0 ]; do line="$line $(quoted "$1")"; shift; done ;; # the jar and what follows it
    esac
  done
  printf '%s\n' "$line"
}

submit() { # the launcher's last word; $spark_submit is known by now
  local setting command
  for setting in "${user_confs[@]}"; do conf "$setting"; done
  command=("$spark_submit" --master "$master" --deploy-mode "$deploy_mode" --class org.lorica.cli.Main "${confs[@]}")
  if [ ${#files[@]} -gt 0 ]; then command+=(--files "$(IFS=,; echo "${files[*]}")"); fi
  command+=("$app_jar" "${arguments[@]}")
  if [ -n "$dry_run" ]; then
    print_command "${command[@]}"
    exit 0
  fi
  export OMP_NUM_THREADS=1
  exec "${command[@]}"
}

# The jar to submit, built if it is the project's own.
choose_local_jar() {
  if [ -n "$app_jar" ]; then
    [ -f "$app_jar" ] || fail "--jar $app_jar: no such file"
    return
  fi
  [ -n "$dry_run" ] || build_if_needed
  app_jar=$(shaded_jar)
}

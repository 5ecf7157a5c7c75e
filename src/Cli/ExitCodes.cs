namespace Auie.Cli;

/// <summary>What the command line tells the script that called it. These never change their meaning.</summary>
public static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Unreachable = 3;
    public const int NotAllowed = 4;
    public const int NotFound = 5;
    public const int TryAgain = 6;
    public const int Interrupted = 130;

    internal const string Help = """
        Exit codes:
          0    done
          1    the engine refused the request as things are in it, the job failed or was cancelled, a silo went before it was drained, or a file is not as it has to be
          2    the command line is wrong by itself: an option that there is not, or a value that none of its kind can have; as a rule found before the engine is asked
          3    the engine cannot be reached
          4    not allowed: a key is missing, unknown, or lacks the scope
          5    there is no such user, segment, job, table or silo, or no segmentation yet
          6    the engine is overloaded or did not answer in time, or its silos could not ask the database: try again
          130  interrupted
        """;
}

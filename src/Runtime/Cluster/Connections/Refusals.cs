namespace Auie.Runtime.Cluster;

/// <summary>Whom the log tells of that was refused: whoever comes again and again, as somebody with another secret does, only once in a while. Any number of threads may ask.</summary>
internal sealed class Refusals(TimeProvider time)
{
    /// <summary>How long nothing is said of the same host and reason.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromMinutes(10);

    /// <summary>Of so many that are told apart; of more, all are told again.</summary>
    private const int Most = 1_000;

    private readonly Dictionary<(string Host, string Reason), (long At, int Untold)> _told = [];

    /// <param name="untold">How many there were since it was told last.</param>
    public bool IsToBeTold(string host, string reason, out int untold)
    {
        lock (_told)
        {
            var now = time.GetTimestamp();
            if (_told.TryGetValue((host, reason), out var last) && time.GetElapsedTime(last.At, now) < Between)
            {
                untold = 0;
                _told[(host, reason)] = last with { Untold = last.Untold + 1 };
                return false;
            }

            untold = last.Untold;
            if (_told.Count >= Most)
                _told.Clear();
            _told[(host, reason)] = (now, 0);
            return true;
        }
    }
}

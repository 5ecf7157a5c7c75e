using System.Globalization;

namespace Auie.Storage.Faults;

/// <summary>What a store is to suffer, for tests and drills: see <see cref="FaultyStore"/>.</summary>
public sealed record StoreFaults
{
    /// <summary>Every call waits from nothing up to this long, as <see cref="Seed"/> has it.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Every n-th write fails, and has not happened; 0: none.</summary>
    public int FailEvery { get; init; }

    /// <summary>Every n-th write happens, and then fails with its outcome unknown; 0: none. One that fails already by <see cref="FailEvery"/> is passed over.</summary>
    public int LoseAnswerEvery { get; init; }

    /// <summary>
    /// Where the process kills itself, without any farewell: "point@n", at the n-th passing of a point. The points are before-append,
    /// after-append, before-flush, after-flush, before-truncate, after-truncate, before-document and after-document.
    /// </summary>
    public IReadOnlyList<string> KillAt { get; init; } = [];

    /// <summary>By how much the wall clock of this process is wrong; the monotonic one is right. It is no fault of the store, and does not wrap it.</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>What the delays are drawn by.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether there is anything to suffer for the store.</summary>
    public bool Any => Delay > TimeSpan.Zero || FailEvery > 0 || LoseAnswerEvery > 0 || KillAt.Count > 0;

    internal static readonly string[] Points =
    [
        .. new[] { StoreCall.Append, StoreCall.Flush, StoreCall.Truncate, StoreCall.Document }
            .SelectMany(call => new[] { $"before-{Name(call)}", $"after-{Name(call)}" }),
    ];

    internal static string Name(StoreCall call) => call.ToString().ToLowerInvariant();

    /// <summary>What is wrong with the options, or null.</summary>
    public string? Problem() => this switch
    {
        _ when Delay < TimeSpan.Zero || Delay > TimeSpan.FromHours(1) => $"Store:Faults:Delay is {Delay}; it is from nothing to an hour.",
        { FailEvery: < 0 } => $"Store:Faults:FailEvery is {FailEvery}; it is not negative.",
        { LoseAnswerEvery: < 0 } => $"Store:Faults:LoseAnswerEvery is {LoseAnswerEvery}; it is not negative.",
        _ => KillAt.Select(kill => Parse(kill) is null ? $"Store:Faults:KillAt has '{kill}'; it is like 'after-append@3', of the points {string.Join(", ", Points)}." : null)
            .FirstOrDefault(problem => problem is not null),
    };

    /// <summary>The points and at which passing of each.</summary>
    internal IEnumerable<(string Point, int Passing)> Kills() => KillAt.Select(kill => Parse(kill)!.Value);

    private static (string Point, int Passing)? Parse(string kill) =>
        kill.Split('@') is [var point, var passing] && Points.Contains(point, StringComparer.Ordinal)
        && int.TryParse(passing, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? (point, number)
            : null;
}

/// <summary>The kinds of writes that faults tell apart.</summary>
internal enum StoreCall
{
    Append,
    Flush,
    Truncate,
    Document,
    Other,
}

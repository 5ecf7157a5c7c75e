namespace Auie.Core.Recommendation.Training;

/// <summary>Which part of what is known an occasion is in.</summary>
internal enum ExamplePart
{
    Train,
    Validation,
    HeldOut,
}

/// <summary>
/// An instant at which somebody came and something could have been recommended: before what they then did. What they wanted from then until an instant is what would have
/// been right.
/// </summary>
internal sealed record Occasion(int Person, long Ticks, ulong Rank)
{
    public ExamplePart Part { get; init; }

    /// <summary>Until when what is wanted counts, in ticks, that instant excluded.</summary>
    public long Until { get; init; }
}

/// <summary>Finds the occasions of those who are learnt from, draws some by hash, and parts them in time.</summary>
internal static class Occasions
{
    /// <summary>How long what somebody wants is taken to follow from what they could be shown, at the most; of a short time it is an eighth.</summary>
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(28);

    private const double TrainUpTo = .7, ValidateUpTo = .85;

    /// <param name="own">For each person who is learnt from what they did themselves and when is known, in the order of time.</param>
    /// <returns>In the order of time; none where there is too little to part.</returns>
    public static List<Occasion> Of(IReadOnlyDictionary<int, List<Happening>> own, Func<int, ulong> hashOf, TrainingLimits limits, ulong seed)
    {
        var (first, last) = Span(own);
        var horizon = Math.Min(Horizon.Ticks, (last - first) / 8);
        var some = new List<Occasion>();
        foreach (var (person, did) in own)
        {
            var ofPerson = new List<Occasion>();
            for (var i = 0; i < did.Count; i++)
            {
                if ((i > 0 && did[i].Ticks - did[i - 1].Ticks < Past.Pause.Ticks) || !WantsWithin(did, i, did[i].Ticks + horizon))
                    continue;
                ofPerson.Add(new Occasion(person, did[i].Ticks, StableHash.Derive(StableHash.Derive(seed, hashOf(person)), (ulong)did[i].Ticks)));
            }

            some.AddRange(ofPerson.OrderBy(one => one.Rank).Take(limits.OccasionsOfUser));
        }

        var drawn = some.OrderBy(one => one.Rank).ThenBy(one => one.Person).Take(limits.Occasions).OrderBy(one => one.Ticks).ThenBy(one => one.Person).ToList();
        if (drawn.Count == 0)
            return [];
        var (validateFrom, judgeFrom) = (drawn[(int)(TrainUpTo * drawn.Count)].Ticks, drawn[(int)(ValidateUpTo * drawn.Count)].Ticks);
        return drawn.ConvertAll(one =>
        {
            var (part, end) = one.Ticks < validateFrom ? (ExamplePart.Train, validateFrom) : one.Ticks < judgeFrom ? (ExamplePart.Validation, judgeFrom) : (ExamplePart.HeldOut, long.MaxValue);
            return one with { Part = part, Until = Math.Min(one.Ticks + horizon, end) };
        });
    }

    /// <summary>From when to when most happened: a date that is far off, of one in a hundred, stretches nothing.</summary>
    private static (long First, long Last) Span(IReadOnlyDictionary<int, List<Happening>> own)
    {
        var ticks = own.Values.SelectMany(did => did).Select(one => one.Ticks).Order().ToArray();
        return ticks.Length == 0 ? (0, 0) : (ticks[ticks.Length / 100], ticks[^(ticks.Length / 100 + 1)]);
    }

    private static bool WantsWithin(List<Happening> did, int from, long until)
    {
        for (var i = from; i < did.Count && did[i].Ticks < until; i++)
        {
            if (did[i].IsWant)
                return true;
        }

        return false;
    }
}

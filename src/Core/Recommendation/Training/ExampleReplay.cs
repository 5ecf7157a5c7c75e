using Auie.Core.Items;
using Auie.Core.Users;

namespace Auie.Core.Recommendation.Training;

/// <summary>
/// Makes examples: what happened is told to an <see cref="ItemIndex"/> once more, in the order of time, and at each occasion the user gets candidates and features as they would have got
/// them then, by the code that serves. Nothing that happened at that instant or later is in them; what the user wanted afterwards is the label.
/// </summary>
public static class ExampleReplay
{
    /// <summary>Of what a user could have been shown and neither was nor wanted, how many are learnt from at each occasion; judged is by all.</summary>
    private const int OthersLearntFrom = 60;

    private const int StepsBetweenSigns = 4096;

    /// <param name="progress">Is told how far it is, from 0 to 1.</param>
    /// <returns>Null where there are too few occasions; <paramref name="occasions"/> says how many.</returns>
    public static Examples? Run(
        Past past, TrainingLimits limits, ulong seed, out int occasions, Action<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var (people, items, happenings) = past.InOrder();
        var own = OwnOf(people, happenings);
        var chosen = Occasions.Of(own, person => people[person].Hash, limits, seed);
        occasions = chosen.Count;
        if (chosen.Count < limits.LeastOccasions)
            return null;
        var replay = new Replay(people, items, past.Facts, own, seed);
        var next = 0;
        for (var i = 0; i <= happenings.Length; i++)
        {
            if (i % StepsBetweenSigns == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Invoke((double)i / (happenings.Length + 1));
            }

            while (next < chosen.Count && (i == happenings.Length || happenings[i].Ticks >= chosen[next].Ticks))
                replay.Take(chosen[next++]);
            if (i < happenings.Length && next < chosen.Count)
                replay.Tell(happenings[i]);
        }

        var made = replay.Made(happenings);
        occasions = made.Occasions;
        return made.Occasions < limits.LeastOccasions || made.Train.Groups == 0 || made.Validation.Groups == 0 || made.HeldOut.Groups == 0 ? null : made;
    }

    private static Dictionary<int, List<Happening>> OwnOf(PastPerson[] people, Happening[] happenings)
    {
        var own = new Dictionary<int, List<Happening>>();
        foreach (var happening in happenings)
        {
            if (!happening.IsOwn || !happening.IsDated || people[happening.Person].Friends is null)
                continue;
            if (!own.TryGetValue(happening.Person, out var did))
                own.Add(happening.Person, did = []);
            did.Add(happening);
        }

        return own;
    }

    private sealed class Replay
    {
        private readonly PastPerson[] _people;
        private readonly string[] _items;
        private readonly Dictionary<int, List<Happening>> _own;
        private readonly ulong _seed;
        private readonly ItemIndex _index = new();
        private readonly int[] _segments;
        private readonly Dictionary<int, Dictionary<string, ItemAnswer>> _answers = [];
        private readonly ExampleRows[] _rows = [new(), new(), new()];
        private readonly List<ulong> _heldOutUsers = [];

        public Replay(PastPerson[] people, string[] items, IReadOnlyDictionary<string, ItemFacts> facts, Dictionary<int, List<Happening>> own, ulong seed)
        {
            (_people, _items, _own, _seed) = (people, items, own, seed);
            foreach (var item in items.Union(facts.Keys).Order(StringComparer.Ordinal))
                _index.Put(item, facts.GetValueOrDefault(item) ?? ItemFacts.Unknown);
            _segments = new int[people.Length];
            Array.Fill(_segments, -1);
            foreach (var person in people)
                _index.Place(person.Hash, person.Audience);
        }

        public void Tell(in Happening happening)
        {
            var person = _people[happening.Person];
            if (happening.Kind == Happening.Segment)
            {
                _segments[happening.Person] = happening.Count;
                _index.Place(person.Hash, person.Audience with { Segment = happening.Count });
                return;
            }

            var item = _items[happening.Item];
            _index.React(person.Hash, item, happening.Kind, happening.IsDated ? new DateTimeOffset(happening.Ticks, TimeSpan.Zero) : null);
            if (!_own.ContainsKey(happening.Person))
                return;
            if (!_answers.TryGetValue(happening.Person, out var answers))
                _answers.Add(happening.Person, answers = []);
            var held = answers.GetValueOrDefault(item) ?? new ItemAnswer(item, null, null, 0, 0, 0, 0);
            answers[item] = happening.Kind switch
            {
                EntryKind.Shown => held with { Shown = held.Shown + happening.Count },
                EntryKind.Viewed => held with { Viewed = held.Viewed + happening.Count },
                EntryKind.Invited => held with { Invited = held.Invited + happening.Count },
                EntryKind.Purchased => held with { Purchased = held.Purchased + happening.Count },
                EntryKind.Interested or EntryKind.NotInterested => held with { Interest = happening.Kind },
                _ => held with { Attendance = happening.Kind },
            };
        }

        public void Take(Occasion occasion)
        {
            var person = _people[occasion.Person];
            var (shown, wanted) = WhatFollowed(occasion);
            if (wanted.Count == 0)
                return;
            IReadOnlyDictionary<string, ItemAnswer> answers = _answers.GetValueOrDefault(occasion.Person) ?? [];
            var at = new DateTimeOffset(occasion.Ticks, TimeSpan.Zero);
            var user = UserOf(occasion, person, answers, out var history);
            var list = _index.Find(new CandidateQuery
            {
                At = at,
                Friends = [.. person.Friends!.Where(friend => friend.Since < occasion.Ticks).Select(friend => friend.Friend)],
                Neighbours = history.Neighbours,
                Audience = user.Audience,
                Near = user.Point,
                Words = history.Taste.BestWords(UserHistory.MostWords),
                Viewed = [.. answers.Values.Where(answer => answer.Viewed > 0 && !RecommendedUser.IsDone(answer)).Select(answer => answer.Item)],
                Excluded = [.. answers.Values.Where(RecommendedUser.IsDone).Select(answer => answer.Item)],
                Also = [.. shown.Union(wanted.Keys)],
            });
            if (!list.Candidates.Any(candidate => wanted.ContainsKey(candidate.Item)))
                return;
            var features = new RecommendationFeatures([list]);
            var rows = _rows[(int)occasion.Part];
            Span<float> row = stackalloc float[RecommendationFeatures.Columns.Length];
            foreach (var (id, candidate) in Learnt(occasion, list.Candidates, shown, wanted))
            {
                features.Write(user, candidate, at, row);
                rows.Add(row, wanted.GetValueOrDefault(candidate.Item), id);
            }

            rows.EndGroup();
            if (occasion.Part == ExamplePart.HeldOut)
                _heldOutUsers.Add(person.Hash);
        }

        public Examples Made(Happening[] happenings) => new(
            _rows[0].Rows(), _rows[1].Rows(), _rows[2].Rows(), [.. _heldOutUsers], new DateTimeOffset(happenings.Last(one => one.IsDated).Ticks, TimeSpan.Zero));

        /// <summary>What the user was shown when they came, and what they wanted until the occasion's end, by how much.</summary>
        private (HashSet<string> Shown, Dictionary<string, float> Wanted) WhatFollowed(Occasion occasion)
        {
            var (shown, wanted) = (new HashSet<string>(), new Dictionary<string, float>());
            foreach (var did in _own[occasion.Person])
            {
                if (did.Ticks < occasion.Ticks)
                    continue;
                if (did.Ticks >= occasion.Until)
                    break;
                if (did.Kind == EntryKind.Shown && did.Ticks - occasion.Ticks < Past.Pause.Ticks)
                    shown.Add(_items[did.Item]);
                if (did.Grade > 0)
                    wanted[_items[did.Item]] = Math.Max(did.Grade, wanted.GetValueOrDefault(_items[did.Item]));
            }

            return (shown, wanted);
        }

        private RecommendedUser UserOf(Occasion occasion, PastPerson person, IReadOnlyDictionary<string, ItemAnswer> answers, out UserHistory history)
        {
            history = UserHistory.Of(person.Hash, answers, UserHistory.ToldBy(answers.Values).Select(item => _index.Describe(item) is { } known
                ? new ToldItem(item, known.Facts, known.People, known.Wanted) : throw new InvalidOperationException($"Item {item} is in a history and not in the index.")));
            var audience = person.Audience with { Segment = _segments[occasion.Person] };
            return new RecommendedUser
            {
                Taste = history.Taste,
                Audience = audience,
                Point = person.Point ?? (audience.Place.Length == 0 ? null : _index.Locate(audience.Place)),
                Place = person.Place,
                TimezoneMinutes = person.TimezoneMinutes,
                Answers = answers,
            };
        }

        /// <summary>The candidates that are learnt from or judged, in the order of their hashes, so that where they were found decides nothing.</summary>
        private IEnumerable<(ulong Id, Candidate Candidate)> Learnt(Occasion occasion, Candidate[] candidates, HashSet<string> shown, Dictionary<string, float> wanted)
        {
            var others = 0;
            foreach (var (id, candidate) in candidates
                .Select(candidate => (Id: StableHash.Derive(StableHash.Derive(_seed, occasion.Rank), StableHash.OfKey(candidate.Item)), Candidate: candidate)).OrderBy(one => one.Id))
            {
                if (wanted.ContainsKey(candidate.Item) || shown.Contains(candidate.Item) || occasion.Part != ExamplePart.Train || others++ < OthersLearntFrom)
                    yield return (id, candidate);
            }
        }
    }
}

using Auie.Core.Items;
using Auie.Core.Ranking;
using Auie.Core.Users;

namespace Auie.Core.Recommendation.Training;

/// <summary>
/// Makes examples: what happened is told to an <see cref="ItemIndex"/> once more, in the order of time, and at each occasion the user gets candidates and features as they would have got
/// them then, by the code that serves. Nothing that happened at that instant or later is in them; what the user wanted afterwards is the label.
/// </summary>
public sealed class ExampleReplay
{
    /// <summary>Of what a user could have been shown and neither was nor wanted, how many are learnt from at each occasion.</summary>
    private const int OthersLearntFrom = 60;

    private const int HappeningsOfStep = 4096, OccasionsOfStep = 16;

    private readonly TrainingLimits _limits;
    private readonly Happening[] _happenings;
    private readonly List<Occasion> _chosen;
    private readonly Replay? _replay;
    private int _told, _taken;

    public ExampleReplay(Past past, TrainingLimits limits, ulong seed)
    {
        _limits = limits;
        (var people, var items, _happenings) = past.InOrder();
        var own = OwnOf(people, _happenings);
        _chosen = Occasions.Of(own, person => people[person].Hash, limits, seed);
        Found = _chosen.Count;
        if (Found >= limits.LeastOccasions)
            _replay = new Replay(people, items, past.Facts, past.Since, own, MeanPaid(items, past.Facts), seed);
    }

    /// <summary>How many occasions there are.</summary>
    public int Found { get; private set; }

    /// <summary>How far it is, from 0 to 1.</summary>
    public double Progress => _chosen.Count == 0 ? 1 : (double)_taken / _chosen.Count;

    /// <summary>The examples, once there is nothing more to replay; null where the occasions are too few.</summary>
    public Examples? Examples { get; private set; }

    /// <summary>Makes all examples at once.</summary>
    public static Examples? Run(Past past, TrainingLimits limits, ulong seed, out int occasions)
    {
        var replay = new ExampleReplay(past, limits, seed);
        while (replay.Step())
        {
        }

        occasions = replay.Found;
        return replay.Examples;
    }

    /// <summary>Replays a little more; whether there is more to replay.</summary>
    public bool Step()
    {
        if (_replay is null)
            return false;
        var (told, taken) = (_told + HappeningsOfStep, _taken + OccasionsOfStep);
        while (_taken < _chosen.Count)
        {
            if (_told == told || _taken == taken)
                return true;
            if (_told == _happenings.Length || _happenings[_told].Ticks >= _chosen[_taken].Ticks)
                _replay.Take(_chosen[_taken++]);
            else
                _replay.Tell(_happenings[_told++]);
        }

        var made = _replay.Made(_happenings);
        Found = made.Occasions;
        if (made.Occasions >= _limits.LeastOccasions && made.Train.Groups > 0 && made.Validation.Groups > 0 && made.HeldOutFound.Any(found => found > 0))
            Examples = made;
        return false;
    }

    /// <summary>The mean price of what was bought, free things left out, in the time of the part that is learnt from.</summary>
    private double MeanPaid(string[] items, IReadOnlyDictionary<string, ItemFacts> facts)
    {
        var until = _chosen.Find(one => one.Part != ExamplePart.Train)?.Ticks ?? long.MaxValue;
        var paid = _happenings.TakeWhile(one => one.Ticks < until).Where(one => one.Kind == EntryKind.Purchased)
            .Select(one => facts.GetValueOrDefault(items[one.Item]).Price ?? 0).Where(price => price > 0).ToArray();
        return paid.Length == 0 ? 1 : paid.Average();
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
        /// <summary>What a yes gains, and a purchase at the mean price; and within which multiples of that a price counts.</summary>
        private const double Strong = 3, LeastOfMean = 1 / 3.0, MostOfMean = 3;

        private readonly PastPerson[] _people;
        private readonly string[] _items;
        private readonly Dictionary<int, List<Happening>> _own;
        private readonly ulong _seed;
        private readonly double _meanPaid;
        private readonly ItemIndex _index = new();
        private readonly int[] _segments;
        private readonly Dictionary<int, Dictionary<string, ItemAnswer>> _answers = [];
        private readonly ExampleRows _train = new(), _validation = new(), _late = new(), _heldOut = new();
        private readonly List<double> _heldOutFound = [];
        private readonly List<ulong> _heldOutUsers = [];
        private readonly IReadOnlyDictionary<string, ItemFacts> _facts;

        private readonly HashSet<string> _there = [];

        /// <summary>The items that are not there yet, in the order in which they come.</summary>
        private readonly Queue<(long Since, string Item)> _coming;

        public Replay(
            PastPerson[] people, string[] items, IReadOnlyDictionary<string, ItemFacts> facts, IReadOnlyDictionary<string, long> since, Dictionary<int, List<Happening>> own, double meanPaid, ulong seed)
        {
            (_people, _items, _facts, _own, _meanPaid, _seed) = (people, items, facts, own, meanPaid, seed);
            _coming = new(items.Union(facts.Keys).Select(item => (Since: since.GetValueOrDefault(item), Item: item)).OrderBy(one => one.Since).ThenBy(one => one.Item, StringComparer.Ordinal));
            _segments = new int[people.Length];
            Array.Fill(_segments, -1);
            foreach (var person in people)
                _index.Place(person.Hash, person.Audience);
        }

        public void Tell(in Happening happening)
        {
            _index.Now = new DateTimeOffset(happening.Ticks, TimeSpan.Zero);
            var person = _people[happening.Person];
            if (happening.Kind == Happening.Segment)
            {
                _segments[happening.Person] = happening.Count;
                _index.Place(person.Hash, person.Audience with { Segment = happening.Count });
                return;
            }

            var item = _items[happening.Item];
            Come(item);
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
                EntryKind.Came => held with { Came = held.Came + happening.Count },
                EntryKind.Interested or EntryKind.NotInterested => held with { Interest = happening.Kind },
                _ => held with { Attendance = happening.Kind },
            };
        }

        public void Take(Occasion occasion)
        {
            var person = _people[occasion.Person];
            while (_coming.TryPeek(out var next) && next.Since < occasion.Ticks)
                Come(_coming.Dequeue().Item);
            var (shown, wanted) = WhatFollowed(occasion);
            if (wanted.Count == 0)
                return;
            IReadOnlyDictionary<string, ItemAnswer> answers = _answers.GetValueOrDefault(occasion.Person) ?? [];
            var at = new DateTimeOffset(occasion.Ticks, TimeSpan.Zero);
            var user = UserOf(occasion, person, answers, out var history);
            _index.Now = at;
            var query = new CandidateQuery
            {
                At = at,
                Friends = [.. person.Friends!.Where(friend => friend.Since < occasion.Ticks).Select(friend => friend.Friend)],
                Neighbours = Array.ConvertAll(history.Neighbours, one => one.Person),
                Weights = Array.ConvertAll(history.Neighbours, one => one.Weight),
                Audience = user.Audience,
                Near = user.Point,
                Words = history.Taste.BestWords(UserHistory.MostWords),
                Viewed = [.. answers.Values.Where(answer => answer.Viewed > 0 && !RecommendedUser.IsDone(answer)).Select(answer => answer.Item)],
                Excluded = [.. answers.Values.Where(RecommendedUser.IsDone).Select(answer => answer.Item)],
            };
            if (occasion.Part == ExamplePart.HeldOut)
                Judge(occasion, person, user, query, wanted);
            else
                Learn(occasion, user, query, shown, wanted);
        }

        public Examples Made(Happening[] happenings) => new(
            _train.Rows(), _validation.Rows(), _late.Rows(), _heldOut.Rows(), [.. _heldOutFound], [.. _heldOutUsers], new DateTimeOffset(happenings.Last(one => one.IsDated).Ticks, TimeSpan.Zero));

        /// <summary>Takes an occasion to learn from: what was shown or wanted is in it whether or not candidates bring it.</summary>
        private void Learn(Occasion occasion, RecommendedUser user, CandidateQuery query, HashSet<string> shown, Dictionary<string, float> wanted)
        {
            var list = _index.Find(query with { Also = [.. shown.Union(wanted.Keys)] });
            var others = 0;
            var (learnt, found) = (new List<(ulong, Candidate)>(), new List<(ulong, Candidate)>());
            foreach (var (id, candidate) in InOrder(occasion, list.Candidates))
            {
                if (wanted.ContainsKey(candidate.Item) || shown.Contains(candidate.Item) || others++ < OthersLearntFrom)
                    learnt.Add((id, candidate));
                if (candidate.Sources != CandidateSources.None)
                    found.Add((id, candidate));
            }

            var features = new RecommendationFeatures(user, [list], query.At);
            Add(occasion.Part == ExamplePart.Train ? _train : _late, features, learnt, wanted);
            if (occasion.Part == ExamplePart.Validation)
                Add(_validation, features, found, wanted);
        }

        /// <summary>Takes an occasion to judge by: as it would have been served. What candidates do not bring is missed, whatever ranks them.</summary>
        private void Judge(Occasion occasion, PastPerson person, RecommendedUser user, CandidateQuery query, Dictionary<string, float> wanted)
        {
            var possible = wanted.Where(one => _index.Describe(one.Key)?.Facts.MayBeShown(occasion.Ticks) == true && !query.Excluded.Contains(one.Key)).Select(one => one.Value).ToArray();
            var list = _index.Find(query);
            if (possible.Length == 0 || list.Candidates.Count == 0)
                return;
            Add(_heldOut, new RecommendationFeatures(user, [list], query.At), InOrder(occasion, list.Candidates), wanted, always: true);
            var found = list.Candidates.Where(candidate => wanted.ContainsKey(candidate.Item)).Select(candidate => wanted[candidate.Item]).ToArray();
            _heldOutFound.Add(RankingMetrics.BestDcg(found, RankerLearning.Metric.K) / RankingMetrics.BestDcg(possible, RankerLearning.Metric.K));
            _heldOutUsers.Add(person.Hash);
        }

        /// <summary>Adds a group, unless nothing in it was wanted.</summary>
        private static void Add(
            ExampleRows rows, RecommendationFeatures features, IReadOnlyList<(ulong Id, Candidate Candidate)> some, Dictionary<string, float> wanted, bool always = false)
        {
            if (!always && !some.Any(one => wanted.ContainsKey(one.Candidate.Item)))
                return;
            Span<float> row = stackalloc float[RecommendationFeatures.Columns.Length];
            foreach (var (id, candidate) in some)
            {
                features.Write(candidate, row);
                rows.Add(row, wanted.GetValueOrDefault(candidate.Item), id);
            }

            rows.EndGroup();
        }

        /// <summary>Candidates in the order of their hashes, so that where they were found decides nothing.</summary>
        private List<(ulong Id, Candidate Candidate)> InOrder(Occasion occasion, IReadOnlyList<Candidate> candidates) =>
        [
            .. candidates.Select(candidate => (Id: StableHash.Derive(StableHash.Derive(_seed, occasion.Rank), StableHash.OfKey(candidate.Item)), Candidate: candidate)).OrderBy(one => one.Id),
        ];

        /// <summary>Has an item be there, if it is not.</summary>
        private void Come(string item)
        {
            if (_there.Add(item))
                _index.Put(item, _facts.GetValueOrDefault(item));
        }

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
                {
                    // What was shown when they came was there by then.
                    shown.Add(_items[did.Item]);
                    Come(_items[did.Item]);
                }

                if (did.IsWant && _there.Contains(_items[did.Item]))
                    wanted[_items[did.Item]] = Math.Max(LabelOf(did), wanted.GetValueOrDefault(_items[did.Item]));
            }

            return (shown, wanted);
        }

        /// <summary>
        /// The logarithm, to base 2, of 1 more than what it gains: being interested or saying maybe 1, a yes, and coming, 3, and something bought 3 times its price over the mean of what is paid, so that one
        /// ranking is learnt for both that people get what they want and that it brings money.
        /// </summary>
        private float LabelOf(in Happening did)
        {
            var gain = did.Kind switch
            {
                EntryKind.Yes or EntryKind.Came => Strong,
                EntryKind.Purchased when _index.Describe(_items[did.Item])?.Facts.Price is > 0 and var price => Strong * Math.Clamp(price / _meanPaid, LeastOfMean, MostOfMean),
                EntryKind.Purchased => Strong,
                _ => 1,
            };
            return (float)Math.Log2(1 + gain);
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
    }
}

using System.Diagnostics;
using System.Globalization;
using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Core;
using Auie.Core.Items;
using Auie.Core.Users;
using Auie.Engine.Tests.Processes;
using Auie.Storage;
using Auie.Storage.Sqlite;

namespace Auie.Bench;

/// <summary>
/// How long insights take, over HTTP, of an engine on SQLite that holds so many users of ten events each, and how that grows. The states are folded and written as the engine does it; of the
/// journal that they would have come by there is as much as an engine keeps, and items have the answers of all users.
/// </summary>
internal static class InsightsBench
{
    private const int EventsOfUser = 10, Warm = 2, WritesAtOnce = 500, Personas = 5, Items = 500, Towns = 2_000, RecordsOfPartition = 20_000;

    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Locales = ["en_US", "en_GB", "id_ID", "de_DE", "es_ES", "fr_FR", "pt_BR", "ja_JP", "km_KH", "ar_EG"];
    private static readonly string[] Platforms = ["web", "ios", "android", "email"];
    private static readonly string[] Steps = ["shown", "viewed", "interested", "yes", "purchased"];

    /// <param name="args">
    /// --users N,N (100000,300000,1000000): the sizes, one after the other; --rounds N (7); --data FOLDER: where engines are made, and kept for the next run, so that only asking is left
    /// to it; --prepare: they are made, and nothing is measured.
    /// </param>
    public static async Task<Report> Run(string[] args)
    {
        var sizes = (Programs.Option(args, "--users") ?? "100000,300000,1000000").Split(',').Select(size => int.Parse(size, CultureInfo.InvariantCulture)).ToArray();
        var rounds = int.Parse(Programs.Option(args, "--rounds") ?? "7", CultureInfo.InvariantCulture);
        var (found, notes) = (new List<Measurement>(), new List<string>());
        using var own = new TemporaryFolder();
        foreach (var users in sizes)
        {
            var folder = Programs.Option(args, "--data") is { } kept ? Path.GetFullPath(Path.Combine(kept, $"{users}-of-places")) : own.At($"{users}");
            if (!Directory.Exists(folder)) await PrepareAsync(folder, users);
            if (args.Contains("--prepare")) continue;

            await using var silo = Launch(folder);
            await silo.ListeningAsync();
            var watch = Stopwatch.StartNew();
            await silo.Client.GetWho(new AudienceRequest());
            var first = watch.Elapsed.TotalSeconds;
            var segment = (await silo.Client.GetSegmentation()).Segments.OrderBy(one => one.Size).First();

            var firstOfEach = new List<string>();
            foreach (var (name, ask) in Asked(silo.Client, segment.Segment))
            {
                var times = new List<double>();
                // The first ones put everybody into segments, and have compiled what they run.
                for (var round = -Warm; round < rounds; round++)
                {
                    watch.Restart();
                    await ask();
                    if (round >= 0) times.Add(watch.Elapsed.TotalMilliseconds);
                    else if (round == -Warm) firstOfEach.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {watch.Elapsed.TotalMilliseconds:F0} ms"));
                }

                found.Add(Measurement.Of($"{name}, {users:N0} users", "ms", times));
            }

            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{users:N0} users, {(long)users * EventsOfUser:N0} events: the first answer {first:F1} s after the server listened, when every state had been read; the server holds {ServerGauges.Resident(silo.Id):N0} MB; the campaign is for a segment of {segment.Size:N0}. The first of each, in this order: {string.Join("; ", firstOfEach)}."));
        }

        return new Report("Insights by the number of users", $"dotnet run -c Release --project bench/Auie.Bench -- insights --users {string.Join(',', sizes)}", Machine.Here, rounds, found,
            [.. notes, ColumnsOf(1_000), $"One of a hundred users lives where nobody else does, the others in {Towns:N0} towns, of which few have many and many have few.", "Carriers are looked for among one segment's people in one locale; the rounds before the first have read their lists of friends, which then stay in the columns. Of a campaign's members up to 25 are asked what to recommend at each of the ten places of most of them, and 25 of all others."]);
    }

    /// <summary>What the columns that insights alone read take of a user.</summary>
    private static string ColumnsOf(int users)
    {
        // The header and length of an array, and that it ends at eight bytes.
        static int Held(int bytes) => 24 + ((bytes + 7) / 8 * 8);
        var (rhythms, trails, friends) = (0.0, 0.0, 0.0);
        for (var user = 0; user < users; user++)
        {
            var state = new UserState();
            state.ApplyRecord(1, EntryCodec.Encode([.. EntriesOf(user, users, IdOf(user))]));
            rhythms += Held(state.Head.Rhythm.Encode().Length);
            trails += Held(state.Head.Trail.Encode().Length);
            friends += Held(8 * state.Head.Friends);
        }

        return string.Create(CultureInfo.InvariantCulture,
            $"Of a user with these ten events the columns that insights alone read take, beside the facts, {(rhythms + trails) / users:F0} bytes: {rhythms / users:F0} of when they are active, {trails / users:F0} of their latest steps, each with its array; and, of whom carriers were looked for among, {friends / users:F0} of a list of {(friends / users - 24) / 8:F1} friends.");
    }

    private static IEnumerable<(string Name, Func<Task> Ask)> Asked(AuieHttpClient client, int segment)
    {
        var all = new AudienceRequest();
        yield return ("who", () => client.GetWho(all));
        yield return ("who, of a segment's men", () => client.GetWho(all with { Segment = segment, Gender = "male" }));
        yield return ("what drives interest, with rates by place", () => client.GetDrivers(all));
        yield return ("effects within pages, and correlations", () => client.GetEffects(all));
        yield return ("effects of a segment's", () => client.GetEffects(all with { Segment = segment }));
        yield return ("when", () => client.GetWhen(all));
        yield return ("funnel by persona, with revenue", () => client.GetFunnel(new FunnelRequest(Steps, "persona", all)));
        yield return ("funnel in order by persona, within a week", () => client.GetOrderedFunnel(new OrderedFunnelRequest(Steps, TimeSpan.FromDays(7).TotalSeconds, "persona", all)));
        yield return ("funnel by place, with revenue", () => client.GetFunnel(new FunnelRequest(Steps, "place", all)));
        yield return ("funnel in order by place, within a week", () => client.GetOrderedFunnel(new OrderedFunnelRequest(Steps, TimeSpan.FromDays(7).TotalSeconds, "place", all)));
        yield return ("personas in depth", () => client.GetPersonas());
        yield return ("strategies", () => client.GetStrategies());
        yield return ("campaign preview", () => client.PreviewCampaign(new CampaignRequest { Strategy = "Reactivation", Segment = segment, Anyway = true }));
        yield return ("who carries it, in one locale of a segment", () => client.GetInfluencers(all with { Segment = segment, Locale = "km_KH" }, 10));
    }

    private static SiloProcess Launch(string folder) => SiloProcess.Launch(["run", "--data", folder, "--urls", "http://127.0.0.1:0", "--set", "Logging:LogLevel:Default=Warning"]);

    private static async Task PrepareAsync(string folder, int users)
    {
        await MakeAsync(folder, users);
        await using var silo = Launch(folder);
        await silo.ListeningAsync();
        await SegmentAsync(silo.Client);
        await silo.StopAsync();
    }

    private static async Task SegmentAsync(AuieHttpClient client)
    {
        var job = await client.StartJob(new JobOrder { KMin = Personas, KMax = Personas, Seed = 1 });
        while (job.State is "queued" or "running")
        {
            await Task.Delay(100);
            job = await client.GetJob(job.Id);
        }

        if (job.State != "succeeded") throw new InvalidOperationException($"The segmentation ended as {job.State}: {job.Error}");
    }

    private static async Task MakeAsync(string folder, int users)
    {
        await using var store = await SqliteStore.OpenAsync(folder, new SqliteStoreOptions { Synchronous = false });
        var partitions = new PartitionId[store.Partitions];
        var epochs = new long[store.Partitions];
        for (var number = 0; number < partitions.Length; number++)
        {
            partitions[number] = new PartitionId(GrainKeys.DefaultTenant, number);
            epochs[number] = await store.ClaimEpochAsync(StoreOwners.Partition(partitions[number]), CancellationToken.None);
        }

        // Each thread has users of its own, and writes each partition's together.
        var threads = Environment.ProcessorCount;
        var last = new long[partitions.Length];
        var turns = Array.ConvertAll(partitions, _ => new SemaphoreSlim(1));
        var said = Enumerable.Range(0, Items).Select(_ => new List<ItemEntry>()).ToArray();
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(async () =>
        {
            var waiting = partitions.Select(_ => new List<(string Id, Entry[] Entries)>()).ToArray();
            for (var user = thread; user < users; user += threads)
            {
                var id = IdOf(user);
                var number = Partitioning.PartitionOf(GrainKeys.DefaultTenant, id, partitions.Length);
                var entries = EntriesOf(user, users, id).ToArray();
                waiting[number].Add((id, entries));
                foreach (var yes in entries.Where(entry => entry.Kind == EntryKind.Yes))
                {
                    var answers = said[int.Parse(yes.Item.AsSpan("item-".Length), CultureInfo.InvariantCulture)];
                    lock (answers) answers.Add(new ItemEntry { MessageId = "yes", At = yes.At, Yes = [id] });
                }

                if (waiting[number].Count == WritesAtOnce) await WriteAsync(number);
            }

            for (var number = 0; number < partitions.Length; number++) await WriteAsync(number);

            async Task WriteAsync(int number)
            {
                var some = waiting[number];
                waiting[number] = [];
                await turns[number].WaitAsync();
                try
                {
                    var payloads = some.ConvertAll(one => EntryCodec.Encode(one.Entries));
                    var kept = (int)Math.Min(some.Count, RecordsOfPartition - last[number]);
                    if (kept > 0)
                        await store.AppendAsync(partitions[number], epochs[number], [.. some.Take(kept).Zip(payloads, (one, payload) => new JournalRecord(one.Id, payload))], [], CancellationToken.None);
                    var first = last[number] + 1;
                    last[number] += Math.Max(0, kept);
                    await store.FlushAsync(partitions[number], epochs[number], [.. some.Select((one, i) => StateOf(one.Id, payloads[i], i < kept ? first + i : 1))], last[number], CancellationToken.None);
                }
                finally
                {
                    turns[number].Release();
                }
            }
        })));
        await WriteItemsAsync(store, said);
    }

    private static async Task WriteItemsAsync(SqliteStore store, List<ItemEntry>[] said)
    {
        foreach (var part in Enumerable.Range(0, Items).GroupBy(item => Partitioning.PartitionOf(GrainKeys.DefaultTenant, $"item-{item}", store.Partitions)))
        {
            var partition = PartitionId.OfItems(GrainKeys.DefaultTenant, part.Key);
            var epoch = await store.ClaimEpochAsync(StoreOwners.Partition(partition), CancellationToken.None);
            await store.FlushAsync(partition, epoch, [.. part.Select(item =>
            {
                var state = new ItemState();
                var traits = new Dictionary<string, string> { ["kind"] = "event", ["start"] = Start.AddDays(3 * (item % 100)).ToString("O", CultureInfo.InvariantCulture), ["price"] = $"{item % 40}", ["category"] = $"c{item % 9}" };
                state.Apply([new ItemEntry { MessageId = "traits", At = Start, Traits = traits }, .. said[item]]);
                var snapshot = state.TakeSnapshot();
                return new UserWrite($"item-{item}", 1, snapshot.Head, [.. snapshot.Chunks.Select(chunk => new StoredChunk(chunk.Map, chunk.FirstKey, chunk.Data))]);
            })], 0, CancellationToken.None);
        }
    }

    private static string IdOf(int user) => $"user-{user:D7}";

    /// <summary>One of a hundred lives where nobody else does, the others in towns, of which few have many and many have few.</summary>
    private static string PlaceOf(int user)
    {
        double Next(int draw) => StableHash.ToUnit(StableHash.OfRow(2, (ulong)user, draw));
        var town = (int)Math.Pow(Towns, Next(1));
        return Next(0) < 0.01 ? $"Hamlet {user}, Country {user % 50}" : $"Town {town}, Country {town % 50}";
    }

    private static UserWrite StateOf(string id, byte[] record, long offset)
    {
        var state = new UserState();
        state.ApplyRecord(offset, record);
        var snapshot = state.TakeSnapshot();
        return new UserWrite(id, snapshot.Offset, snapshot.Head, [.. snapshot.Chunks.Select(chunk => new StoredChunk(chunk.Map, chunk.FirstKey, chunk.Data))]);
    }

    private static List<Entry> EntriesOf(int user, int users, string id)
    {
        var draw = 0;
        int Next(int below) => (int)(StableHash.ToUnit(StableHash.OfRow(1, (ulong)user, draw++)) * below);
        var kind = Next(Personas);
        var at = Start.AddDays(Next(300)).AddMinutes(Next(24 * 60));
        var platform = Platforms[Next(Platforms.Length)];
        var entries = new List<Entry>
        {
            new()
            {
                Kind = EntryKind.Identify, MessageId = "profile", At = at, Platform = platform,
                Traits = new Dictionary<string, string>
                {
                    ["location"] = PlaceOf(user), ["locale"] = Locales[Next(Locales.Length)], ["gender"] = Next(2) == 0 ? "male" : "female", ["birthyear"] = $"{1950 + Next(50)}", ["joinedAt"] = Start.AddDays(-Next(900)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                },
            },
            new() { Kind = EntryKind.Friends, MessageId = "friends", At = at, FriendsAdded = [.. Enumerable.Range(0, 1 + (2 * kind)).Select(_ => IdOf(Next(users))).Distinct().Where(friend => friend != id)] },
        };
        for (var i = 2; i < EventsOfUser; i++)
        {
            at = at.AddMinutes(1 + Next(3_000));
            // Who is of a later kind says and does more.
            var does = Next(10) < 5 ? EntryKind.Shown : Next(5 + kind) switch { < 3 => EntryKind.Viewed, 3 => EntryKind.NotInterested, 4 => EntryKind.Interested, 5 or 6 => EntryKind.Interested, 7 => EntryKind.Yes, _ => EntryKind.Purchased };
            entries.Add(new Entry { Kind = does, MessageId = $"m{i}", At = at, Item = $"item-{Next(Items)}", Platform = platform, Amount = does == EntryKind.Purchased ? 100_000 + (10_000L * Next(50)) : null });
        }

        return entries;
    }
}

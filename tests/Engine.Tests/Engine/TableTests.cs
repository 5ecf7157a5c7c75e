using Auie.Abstractions;

namespace Auie.Engine.Tests.Engine;

/// <summary>Tables of numbers: filled, complete, replaced, gone.</summary>
public sealed class TableTests
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 400).Select(i => $"row {i}")];
    private static readonly double[] Rows = [.. Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? i % 20 : 1_000.0 + i % 30)];

    [Fact]
    public async Task Rows_that_are_sent_twice_count_once_and_a_gap_is_refused()
    {
        await using var engine = await TestEngine.StartAsync();
        var table = await engine.Client.CreateTable("t", ["a", "b"], 3, CancellationToken.None);

        (await engine.Client.AppendRows(table, 0, [1, 2, 3, 4], null, CancellationToken.None)).ShouldBe(2);
        (await engine.Client.AppendRows(table, 0, [1, 2, 3, 4], null, CancellationToken.None)).ShouldBe(2);
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.AppendRows(table, 5, [1, 2], null, CancellationToken.None))).Field.ShouldBe("firstRow");
        (await engine.Client.AppendRows(table, 2, [5, 6], null, CancellationToken.None)).ShouldBe(3);
    }

    [Fact]
    public async Task All_rows_of_a_table_have_ids_or_none()
    {
        await using var engine = await TestEngine.StartAsync();
        var with = await engine.Client.CreateTable("with", ["a"], 2, CancellationToken.None);
        var without = await engine.Client.CreateTable("without", ["a"], 2, CancellationToken.None);
        (await engine.Client.AppendRows(with, 0, [1, 2], ["x", "y"], CancellationToken.None)).ShouldBe(2);
        (await engine.Client.AppendRows(without, 0, [1, 2], null, CancellationToken.None)).ShouldBe(2);

        await Refused(with, [3], null, "the rows before have them, and these have none");
        await Refused(without, [3], ["z"], "the rows before have none, and these have them");
        await Refused(with, [3], ["z", "u"], "there are 2 for 1 rows");
        await Refused(with, [3, 4], ["z", ""], "that of row 2 of 2 is empty");
        (await engine.Client.AppendRows(with, 2, [3, 4], ["z", "u"], CancellationToken.None)).ShouldBe(4);

        async Task Refused(TableView table, double[] values, string[]? ids, string reason)
        {
            var refused = await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.AppendRows(table, 2, values, ids, CancellationToken.None));
            (refused.Field, refused.Reason).ShouldBe(("ids", reason));
        }
    }

    [Fact]
    public async Task A_table_that_is_not_complete_is_not_clustered_and_a_complete_one_takes_no_rows()
    {
        await using var engine = await TestEngine.StartAsync();
        var table = await engine.Client.CreateTable("t", ["a"], 2, CancellationToken.None);
        await engine.Client.AppendRows(table, 0, Rows, null, CancellationToken.None);
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.StartJob(new JobRequest { Table = "t" }, CancellationToken.None))).Field.ShouldBe("table");

        await engine.Client.CompleteTable(table, CancellationToken.None);
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.AppendRows(table, 400, [1], null, CancellationToken.None))).Field.ShouldBe("table");
        (await engine.SucceedAsync(new JobRequest { Table = "t", KMin = 2, KMax = 3 })).Rows.ShouldBe(400);
    }

    [Fact]
    public async Task Who_fills_a_table_does_not_touch_the_one_that_took_its_name()
    {
        await using var engine = await TestEngine.StartAsync();
        var first = await engine.Client.CreateTable("t", ["a"], 2, CancellationToken.None);
        await engine.Client.DropTable("t", CancellationToken.None);
        var second = await engine.Client.CreateTable("t", ["a"], 2, CancellationToken.None);

        await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.AppendRows(first, 0, [1], null, CancellationToken.None));
        (await engine.Client.DropTable(first, CancellationToken.None)).ShouldBeFalse();
        (await engine.Client.AppendRows(second, 0, [7], null, CancellationToken.None)).ShouldBe(1);
    }

    [Fact]
    public async Task A_job_whose_table_is_replaced_fails_rather_than_mix_the_two()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.MakeTableAsync("t", ["a"], 2, Rows);
        var job = await engine.Client.StartJob(new JobRequest { Table = "t", KMin = 2, KMax = 40, Starts = 200 }, CancellationToken.None);
        var replaced = false;
        await foreach (var now in engine.Client.WatchJob(job.Id, CancellationToken.None))
        {
            job = now;
            if (replaced || !now.Phase.StartsWith("k =", StringComparison.Ordinal))
                continue;
            replaced = true;
            await engine.Client.DropTable("t", CancellationToken.None);
            await engine.MakeTableAsync("t", ["a"], 2, [.. Rows.Select(value => -value)]);
        }

        job.State.ShouldBe("failed");
        job.Error.ShouldNotBeNull().ShouldContain("removed while the job ran");
    }

    [Fact]
    public async Task A_table_is_found_again_after_a_restart_and_nothing_is_left_of_a_dropped_one()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        await using (var engine = await TestEngine.StartAsync(folder))
        {
            await engine.MakeTableAsync("kept", ["a"], 3, Rows);
            await engine.MakeTableAsync("named", ["a"], 3, Rows, ids: Names);
            await engine.SucceedAsync(new JobRequest { Table = "named", KMin = 4, KMax = 4 });
            var gone = await engine.MakeTableAsync("gone", ["a"], 3, Rows, ids: Names);
            await engine.Client.DropTable("gone", CancellationToken.None);
            for (var shard = 0; shard < 3; shard++)
            {
                foreach (var kind in new[] { "rows", "row-ids" })
                {
                    await foreach (var _ in engine.Store.ReadDocumentsAsync("default", $"{kind}/gone@{gone.Generation}/{shard}", CancellationToken.None))
                        throw new InvalidOperationException("Rows are left.");
                }
            }
        }

        await using (var engine = await TestEngine.StartAsync(folder))
        {
            (await engine.SucceedAsync(new JobRequest { Table = "kept", KMin = 2, KMax = 2 })).Rows.ShouldBe(400);
            (await engine.Client.GetTable("gone", CancellationToken.None)).ShouldBeNull();
            var again = await engine.SucceedAsync(new JobRequest { Table = "named", KMin = 4, KMax = 4 });
            again.Inertia.ShouldBe((await engine.Client.GetJob("j1", CancellationToken.None))!.Result!.Inertia);
            again.Scores.ShouldBe((await engine.Client.GetJob("j1", CancellationToken.None))!.Result!.Scores);
        }

        Directory.Delete(folder, recursive: true);
    }
}

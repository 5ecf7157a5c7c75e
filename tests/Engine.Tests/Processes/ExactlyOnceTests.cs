using Auie.Tests.Shared;
using Xunit.Abstractions;

namespace Auie.Engine.Tests.Processes;

/// <summary>
/// Nothing that was acknowledged is lost, and nothing counts twice, whatever dies and however often it is sent. AUIE_KILL_ROUNDS says how often the
/// servers die in all.
/// </summary>
public sealed class ExactlyOnceTests(ITestOutputHelper output)
{
    private const int RoundsOfOneStore = 10;

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("AUIE_KILL_ROUNDS"), out var rounds) ? Math.Max(1, rounds / 2) : RoundsOfOneStore;

    [Fact]
    public Task Every_message_takes_effect_once_on_SQLite_however_often_it_is_sent_and_the_server_dies() => ShouldHold(1, null);

    [PostgresFact]
    public async Task Every_message_takes_effect_once_on_PostgreSQL_however_often_it_is_sent_and_the_server_dies() =>
        await ShouldHold(2, (await PostgresServer.SharedAsync()).ConnectionString);

    private async Task ShouldHold(int seed, string? postgres)
    {
        for (var left = Rounds; left > 0; left -= RoundsOfOneStore)
        {
            var result = await KillRounds.RunAsync(new KillRoundsOptions(Math.Min(left, RoundsOfOneStore), seed, postgres));
            output.WriteLine($"{result.Store}, seed {seed}: {result.Seconds:F1} s, {string.Join(", ", result.Deaths.Select(death => $"{death.Value} {death.Key}"))}. {result.Load.ToJson()}");
            result.Differences.ShouldBeEmpty();
            result.Load.Acknowledged.ShouldBe(result.Load.Messages);
            result.Load.Refused.ShouldBe(0, string.Join(Environment.NewLine, result.Load.Reasons));
            result.Load.ImpostorsTaken.ShouldBe(0);
            result.Load.ImpostorsRefused.ShouldBeGreaterThan(0);
            result.Load.Sent.ShouldBeGreaterThan(result.Load.Messages);
            seed += 2;
        }
    }
}

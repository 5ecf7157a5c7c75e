using Spectre.Console;

namespace Auie.Cli.Output;

/// <summary>Shows how many rows have come, of nobody knows how many: live where a person watches, by a line now and then elsewhere, not at all for JSON.</summary>
internal static class RowProgress
{
    private const long RowsALine = 1_000_000;

    public static async Task<long> Show(CliSession session, Func<Action<long>, Task<long>> run)
    {
        if (session is { Host.Interactive: true, Json: false })
        {
            return await session.Console(session.Host.Error).Status()
                .StartAsync("waiting for the engine", status => run(rows => status.Status = $"{rows:N0} rows"));
        }

        var told = 0L;
        return await run(rows =>
        {
            if (rows / RowsALine <= told) return;
            told = rows / RowsALine;
            session.Note($"{rows:N0} rows");
        });
    }
}

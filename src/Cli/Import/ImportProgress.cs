using Spectre.Console;

namespace Auie.Cli.Import;

/// <summary>Where an import stands. Shown as a bar where a person watches, as a line now and then elsewhere, and not at all with JSON.</summary>
internal sealed class ImportProgress
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(200), NowAndThen = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Action<string> _begun;
    private string _phase = "starting", _unit = "";
    private long _done, _total, _began;

    private ImportProgress(TimeProvider time, Action<string> begun) => (_time, _begun) = (time, begun);

    public void Begin(string phase, long total, string unit)
    {
        lock (_lock) (_phase, _total, _unit, _done, _began) = (phase, total, unit, 0, _time.GetTimestamp());
        _begun(phase);
    }

    public void Add(long done)
    {
        lock (_lock) _done += done;
    }

    /// <summary>Runs an import and shows where it stands.</summary>
    public static async Task<T> Show<T>(CliSession session, Func<ImportProgress, Task<T>> import)
    {
        var time = session.Host.Time;
        if (session.Json) return await import(new ImportProgress(time, _ => { }));
        if (!session.Host.Interactive)
        {
            var lines = new ImportProgress(time, session.Note);
            return await Follow(import(lines), time, NowAndThen, () => session.Note(lines.Line().Text));
        }

        return await session.Console(session.Host.Error).Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async display =>
            {
                var bar = display.AddTask("starting", maxValue: 1);
                var progress = new ImportProgress(time, _ => { });
                return await Follow(import(progress), time, Often, () =>
                {
                    var (text, share) = progress.Line();
                    bar.Description = Markup.Escape(text);
                    bar.Value = share;
                });
            });
    }

    private static async Task<T> Follow<T>(Task<T> import, TimeProvider time, TimeSpan every, Action show)
    {
        while (await Task.WhenAny(import, Task.Delay(every, time)) != import) show();
        return await import;
    }

    private (string Text, double Share) Line()
    {
        lock (_lock)
        {
            var seconds = _time.GetElapsedTime(_began).TotalSeconds;
            var rate = _done / Math.Max(seconds, 1e-3);
            var left = _done == 0 ? "" : $", {TimeSpan.FromSeconds(Math.Ceiling((_total - _done) / rate)):g} left";
            return ($"{_phase}: {_done:N0} of {_total:N0} {_unit}, {rate:N0}/s{left}", _total == 0 ? 0 : (double)_done / _total);
        }
    }
}

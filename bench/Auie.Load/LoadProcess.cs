using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Auie.Load;

/// <summary>The generator as a process of its own, beside whoever references it. It ends with its starter at the latest: the end of its input stops it.</summary>
public sealed class LoadProcess : IAsyncDisposable
{
    private const string Acknowledgement = "acknowledged ";

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<(long Least, TaskCompletionSource Reached)> _waiting = [];

    private LoadProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
    }

    /// <summary>How many messages are acknowledged, as far as it said; it does with --progress.</summary>
    public long Acknowledged { get; private set; }

    public static LoadProcess Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Auie.Load.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        return new LoadProcess(new Process { StartInfo = start });
    }

    /// <summary>Runs it to its end, which its arguments set.</summary>
    public static async Task<LoadSummary> RunAsync(params IEnumerable<string> arguments)
    {
        await using var load = Start(arguments);
        return await load.EndedAsync();
    }

    /// <summary>Has it send to another address from now on.</summary>
    public void MoveTo(Uri address) => Tell(address.AbsoluteUri);

    /// <summary>Completes when so many messages are acknowledged, or when it has ended.</summary>
    public Task AcknowledgedAsync(long least)
    {
        lock (_lock)
        {
            if (Acknowledged >= least || _outputEnded.Task.IsCompleted)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((least, reached));
            return reached.Task;
        }
    }

    /// <summary>Has it make no new messages, and waits until every one that it made is answered.</summary>
    public async Task<LoadSummary> StopAsync()
    {
        Tell("stop");
        return await EndedAsync();
    }

    /// <summary>Waits until it has ended.</summary>
    public async Task<LoadSummary> EndedAsync()
    {
        await _process.WaitForExitAsync();
        await _outputEnded.Task;
        var output = _output.ToString();
        return _process.ExitCode == 0 ? LoadSummary.Parse(output) : throw new InvalidOperationException($"The load ended with {_process.ExitCode}. {output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    private void Take(string? line)
    {
        lock (_lock)
        {
            if (line is null)
                _outputEnded.TrySetResult();
            else if (line.StartsWith(Acknowledgement, StringComparison.Ordinal))
                Acknowledged = long.Parse(line.AsSpan(Acknowledgement.Length), CultureInfo.InvariantCulture);
            else
                _output.AppendLine(line);
            foreach (var (least, reached) in _waiting.ToArray())
            {
                if (line is null || Acknowledged >= least)
                    reached.TrySetResult();
            }

            _waiting.RemoveAll(waiting => waiting.Reached.Task.IsCompleted);
        }
    }
}

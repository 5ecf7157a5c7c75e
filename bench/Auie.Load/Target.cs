namespace Auie.Load;

/// <summary>Where the server is; it may move.</summary>
internal sealed class Target : IDisposable
{
    private readonly HttpClient _http;
    private volatile TaskCompletionSource<Uri> _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Uri? _address;

    public Target(LoadOptions options)
    {
        _address = options.Endpoint;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null })
        {
            Timeout = TimeSpan.FromSeconds(options.Timeout),
        };
    }

    public void Move(Uri address)
    {
        _address = address;
        Interlocked.Exchange(ref _moved, new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult(address);
    }

    /// <summary>Waits that long, or until the server has moved.</summary>
    public async Task WaitAsync(TimeSpan time) => await Task.WhenAny(_moved.Task, Task.Delay(time));

    /// <summary>Sends a request and reads its whole answer; no status where there was none.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken)
    {
        var moved = _moved.Task;
        var address = _address ?? await moved.WaitAsync(cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(address, path));
            if (body is not null)
                request.Content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } };
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return new Answer((int)response.StatusCode, answer, response.Headers.RetryAfter?.Delta);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new Answer(0, [], null);
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>A server's answer; status 0 for none.</summary>
internal sealed record Answer(int Status, byte[] Body, TimeSpan? RetryAfter)
{
    /// <summary>Whether the request said what it had to say, well or not: sent again it would be answered alike.</summary>
    public bool IsFinal => Status is >= 200 and < 500 and not (408 or 410 or 429 or 460);
}

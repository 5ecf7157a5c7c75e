using System.Security.Authentication;

namespace Auie.Runtime.Cluster;

internal sealed partial class ClusterRouter
{
    /// <summary>Another process of the cluster, and the connection to it on which calls are sent.</summary>
    private sealed class Peer(ClusterRouter router, string address)
    {
        /// <summary>How many reasons for not reaching it are told of until it is reached.</summary>
        private const int MostReasons = 10;

        private const string Setting = "Cluster:Secret, or Cluster:SecretFile,";

        private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(2);

        private readonly Lock _reach = new();
        private readonly TaskCompletionSource<bool> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _dialling;
        private bool _closed;
        private SiloId _expected;
        private long _missedSince = router._host.Time.GetTimestamp();

        public bool IsGateway { get; init; }

        public Connection? Connection { get; private set; }

        /// <summary>What may be wrong with the secret of this process, by its setting; null where nothing was when it was tried last. Tells neither addresses nor what the other end said.</summary>
        public string? SecretRefusal { get; private set; }

        /// <summary>Ends when it has been tried once, with whether it refused the secret.</summary>
        public Task<bool> FirstRefused => _first.Task;

        /// <summary>Connects, unless that is done or under way.</summary>
        public void Dial()
        {
            if (Connection is { IsOpen: true } || Volatile.Read(ref _closed) || Interlocked.Exchange(ref _dialling, 1) != 0)
                return;
            _ = DialAsync();
        }

        public void Lost(Connection connection)
        {
            if (Connection != connection)
                return;
            Connection = null;
            lock (_reach)
                _missedSince = router._host.Time.GetTimestamp();
        }

        /// <summary>Which life of a silo is to be found here: another than before is given its own time to be connected to.</summary>
        public void Expect(SiloId silo)
        {
            lock (_reach)
            {
                if (_expected == silo)
                    return;
                (_expected, _missedSince) = (silo, router._host.Time.GetTimestamp());
            }
        }

        /// <summary>Whether this life of a silo has not been connected to for as long as makes it suspect.</summary>
        public bool IsOutOfReach(SiloId silo)
        {
            lock (_reach)
                return _expected == silo && Connection is not { IsOpen: true } && router._host.Time.GetElapsedTime(_missedSince) > router._options.Suspicion;
        }

        /// <summary>No silo of the cluster is here any more: what was asked of one is not waited for. Another may be found here later.</summary>
        public void Leave()
        {
            lock (_reach)
            {
                if (_expected == default)
                    return;
                _expected = default;
            }

            if (Connection is { } connection)
                _ = EndAsync(connection);
        }

        public void Close()
        {
            Volatile.Write(ref _closed, true);
            if (Connection is { } connection)
                _ = EndAsync(connection);
        }

        /// <summary>Leaves a silo that has left in order the time to send back what it did not execute.</summary>
        private async Task EndAsync(Connection connection)
        {
            for (var waited = TimeSpan.Zero; waited < LongestPause && connection is { IsOpen: true, CallsInFlight: > 0 }; waited += RetryInterval)
                await Task.Delay(RetryInterval, router._host.Time);
            connection.Abort("It is no longer in the cluster.");
        }

        private void Tried(Exception? failure)
        {
            SecretRefusal = failure switch
            {
                SecretMissingException => $"{Setting} is not set: without it only this machine's loopback is connected to.",
                SecretRefusedException or AuthenticationException => $"{Setting} of this process is another than there.",
                SecretDoubtedException => router.Endpoint.Secret is null ? $"{Setting} is not set, and it may be there." : $"{Setting} is set, and may not be there.",
                _ => null,
            };
            // Where nobody has said so it may be another reason.
            _first.TrySetResult(failure is SecretMissingException or SecretRefusedException or AuthenticationException);
        }

        private async Task DialAsync()
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            var token = router._closing.Token;
            var told = new HashSet<string>(StringComparer.Ordinal);
            for (var pause = FirstPause; !Volatile.Read(ref _closed) && !token.IsCancellationRequested; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                try
                {
                    Connection = await router._connector.ConnectAsync(address, token);
                    Tried(null);
                    break;
                }
                catch (Exception failure)
                {
                    Tried(failure);
                    // One that is not there yet may refuse for another reason once it is.
                    if (!token.IsCancellationRequested && told.Count < MostReasons && told.Add(failure.Message))
                        router.LogNotConnected(address, failure.Message);
                    await Task.Delay(pause, router._host.Time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }

            Volatile.Write(ref _dialling, 0);
            if (Volatile.Read(ref _closed))
            {
                Close();
                return;
            }

            // It may have ended before anybody knew whose it was.
            if (Connection is { IsOpen: false } ended)
            {
                Lost(ended);
                if (!token.IsCancellationRequested)
                    Dial();
            }

            router.Retry();
        }
    }
}

namespace Router.Core.Chat;

/// <summary>Told once per request when it has ended, however it ended. Called on the request's path: must not block, call out or throw.</summary>
public interface IRequestObserver
{
    void Ended(RouteRequest request);
}

export { type Alerts, type AlertsOptions, createAlerts, sendTest } from './alerts.ts';
export { alertsWaiting } from './outbox.ts';

export { type Alerts, type AlertsOptions, createAlerts, sendTest } from './alerts.ts';
export { alertsWaiting, listWaiting, type WaitingAlerts } from './waiting.ts';
